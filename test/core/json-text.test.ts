import { test } from 'tap'
import { parseJsonText, toJsonText } from '../../src/core/json-text.ts'

test('what was written as JSON is read back as it was', async (t) => {
  const value = { labels: { host: 'a "b"' }, at: 1.5, none: null, list: [true, ''] }

  t.same(parseJsonText(toJsonText(value)), value)
  t.equal(toJsonText(value), JSON.stringify(value))
})
