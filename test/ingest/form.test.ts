import { test } from 'tap'
import { parseForm, readForm } from '../../src/ingest/form.ts'
import { accepted } from './support.ts'

test("the form of Python's HTTPHandler is an event, its message not interpolated", async (t) => {
  const event = accepted(parseForm({ name: 'app', msg: 'python says %s', args: "('hello',)", levelname: 'ERROR', levelno: '40', created: '1769862645.6789123', exc_info: 'None' }))

  t.match(event, { service: 'app', message: 'python says %s', level: 'ERROR', time: 1_769_862_645_678 })
  t.same(JSON.parse(event.meta ?? ''), { args: "('hello',)", levelno: '40', exc_info: 'None', time: '1769862645.6789123' })
})

test('names that were sent themselves are not taken by another', async (t) => {
  t.same(parseForm({ service: 'a', name: 'b', level: 'INFO', levelname: 'ERROR', time: '5', created: '6' }), { service: 'a', name: 'b', level: 'INFO', levelname: 'ERROR', time: '5', created: '6' })
})

test('a field sent twice stays an array', async (t) => {
  const event = accepted(parseForm({ message: 'a', tag: ['x', 'y'], name: ['b', 'c'] }))

  t.same(JSON.parse(event.meta ?? ''), { tag: ['x', 'y'], name: ['b', 'c'] })
  t.equal(accepted(parseForm({ message: ['a', 'b'] })).message, '["a","b"]')
})

test('__proto__ is a field like any other', async (t) => {
  const event = accepted(parseForm(JSON.parse('{"message": "a", "__proto__": "x"}')))

  t.equal(event.meta, '{"__proto__":"x"}')
})

test('the bytes of a form are decoded, repeated fields become a list', async (t) => {
  const body = Buffer.from('name=app&msg=python+says+%25s&tag=x&tag=y&tag=z&__proto__=p')

  t.equal(JSON.stringify(readForm(body)), '{"service":"app","msg":"python says %s","tag":["x","y","z"],"__proto__":"p"}')
})

test('a form of very many fields is read in one pass', async (t) => {
  const count = 100_000
  const body = Buffer.from(Array.from({ length: count }, (_, index) => `k${index}=1`).join('&'))

  t.equal(Object.keys(Object(readForm(body))).length, count)
})
