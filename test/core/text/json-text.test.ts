import { test } from 'tap'
import fc from 'fast-check'
import { parseJsonExactly, parseJsonText, toJsonText } from '../../../src/core/text/json-text.ts'

test('what was written as JSON is read back as it was', async (t) => {
  const value = { labels: { host: 'a "b"' }, at: 1.5, none: null, list: [true, ''] }

  t.same(parseJsonText(toJsonText(value)), value)
  t.equal(toJsonText(value), JSON.stringify(value))
})

const namesOf = (text: string) => Object.keys(Object(parseJsonExactly(text)))

test('a name with an escape is not taken for one that an earlier text held', async (t) => {
  const pairs = [
    ['{"q1":1,"\\\\":{},"b":2}', '{"q1":1,"\\"":{},"b":2}', ['q1', '"', 'b']],
    ['{"q2":1,"C:\\\\ne":2}', '{"q2":1,"C:\\new":2}', ['q2', 'C:\new']],
    ['{"\\\\\\\\fs":2}', '{"\\\\fsx":2}', ['\\fsx']],
    ['{"q3":[],"\\\\":0}', '{"q3":1,"\\n" :2}', ['q3', '\n']]
  ] as const

  for (const [before, text, names] of pairs) {
    parseJsonExactly(before)
    t.same(namesOf(text), names, text)
    t.same(namesOf(before).length, names.length)
  }
})

test('names and values come out as written, whatever was read before', async (t) => {
  const name = fc.oneof(fc.constantFrom('a', '__proto__', '1'), fc.string({ maxLength: 3, unit: fc.constantFrom('a', '\\', '"', '\n', 'u', '~', '\u00e9') }))
  const { tree } = fc.letrec((tie) => ({ tree: fc.oneof({ depthSize: 'small' }, fc.string(), fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(name, tie('tree'), { maxKeys: 4 })) }))

  fc.assert(fc.property(tree, (value) => {
    const text = JSON.stringify(value, null, 1)
    return JSON.stringify(parseJsonExactly(text), null, 1) === text
  }), { numRuns: 2000 })
  t.pass('on 2000 values')
})

test('a name that is written twice, once with an escape, is one', async (t) => {
  t.same(parseJsonExactly('{"a":1,"b":2,"\\u0061":3}'), { a: 3, b: 2 })
  t.same(namesOf('{"\\u0061":1,"b":2,"a":3}'), ['a', 'b'])
})

test('what is not JSON is refused', async (t) => {
  for (const text of ['{"\\q":1}', '{"a\\"', '{"\\n":}', '"\\', '\\":']) t.throws(() => parseJsonExactly(text), SyntaxError, text)
})
