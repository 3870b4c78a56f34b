/** Tells whether an Accept header asks for JSON rather than text. Without a word about either, text. */
export function prefersJson (accept = ''): boolean {
  const weights = new Map(accept.toLowerCase().split(',').map((item): [string, number] => {
    const [type = '', ...parameters] = item.split(';').map((part) => part.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    return [type, q === undefined ? 1 : Number(q.slice(2))]
  }))
  const json = weights.get('application/json') ?? 0
  return json > 0 && json >= (weights.get('text/plain') ?? 0)
}

/** Tells whether an Accept header is that of a browser that opens a page. */
export function isBrowser (accept = ''): boolean {
  return /(?:^|,)\s*text\/html\s*(?:;|,|$)/i.test(accept)
}
