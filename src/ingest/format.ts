/** How a body is written: one JSON text, one JSON text a line, or one message a line. */
export type BodyFormat = 'json' | 'ndjson' | 'lines'

const NDJSON = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'])
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])

function charsetOf (parameters: string[]): string | undefined {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() === 'charset') return value.trim().replace(/^"(.*)"$/, '$1').toLowerCase()
  }
}

/** Reads a Content-Type header; `undefined` when it is missing, no format of events, or in a charset other than UTF-8. */
export function formatOf (contentType: string | undefined): BodyFormat | undefined {
  const [essence = '', ...parameters] = (contentType ?? '').split(';')
  const charset = charsetOf(parameters)
  if (charset !== undefined && !UTF8.has(charset)) return undefined
  const type = essence.trim().toLowerCase()
  if (NDJSON.has(type)) return 'ndjson'
  if (type === 'text/plain') return 'lines'
  return type === 'application/json' || /^application\/[^\s/]+\+json$/.test(type) ? 'json' : undefined
}
