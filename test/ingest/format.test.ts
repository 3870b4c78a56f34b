import { test } from 'tap'
import { formatOf } from '../../src/ingest/format.ts'

test('a content type tells the format', async (t) => {
  const table: Array<[string | undefined, string | undefined]> = [
    ['application/json', 'json'],
    ['Application/JSON; charset=UTF-8', 'json'],
    ['application/json;charset="utf-8"', 'json'],
    ['application/problem+json', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/jsonl', 'ndjson'],
    ['application/x-jsonlines; charset=us-ascii', 'ndjson'],
    ['text/plain', 'lines'],
    ['text/plain; format=flowed; charset=utf-8', 'lines'],
    ['text/plain; charset=iso-8859-1', undefined],
    ['application/json; charset=utf-16', undefined],
    ['application/+json', undefined],
    ['text/json', undefined],
    ['text/html', undefined],
    ['application/x-www-form-urlencoded', undefined],
    ['application/jsonx', undefined],
    ['', undefined],
    [undefined, undefined]
  ]

  for (const [contentType, format] of table) t.equal(formatOf(contentType), format, contentType ?? 'none')
})
