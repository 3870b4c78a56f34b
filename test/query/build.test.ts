import { test } from 'tap'
import { allOf, anyValue, type FilterName } from '../../src/query/build.ts'
import { parseQuery } from '../../src/query/parse.ts'

const a = parseQuery('a')
const b = parseQuery('service:b')

test('nothing asked is no query', (t) => {
  t.equal(allOf([]), undefined)
  t.equal(allOf([undefined, undefined]), undefined)
  t.end()
})

test('one thing asked stays as it is', (t) => {
  t.strictSame(allOf([undefined, a]), a)
  t.end()
})

test('several things asked are asked together', (t) => {
  t.strictSame(allOf([a, undefined, b]), { kind: 'and', nodes: [a, b] })
  t.end()
})

const SAME_AS: [FilterName, string[], string][] = [
  ['level', ['error'], 'level:error'],
  ['level', ['Err', 'critical'], 'level:error,fatal'],
  ['service', ['a'], 'service:a'],
  ['service', ['a*', 'b c'], 'service:"a*","b c"'],
  ['type', ['AUDIT'], 'type:AUDIT'],
  ['pattern', ['p1', 'p2'], 'pattern:p1,p2'],
  ['anomalous', ['true'], 'anomaly:true'],
  ['anomalous', ['false'], 'anomaly:false']
]

for (const [name, values, query] of SAME_AS) {
  test(`${name}=${values.join(',')} asks the same as ${query}`, (t) => {
    t.strictSame(anyValue(name, values), parseQuery(query))
    t.end()
  })
}

const BAD: [FilterName, string[], string][] = [
  ['level', ['error', 'errro'], '"errro" is no level; use TRACE, DEBUG, INFO, WARN, ERROR, FATAL'],
  ['anomalous', ['yes'], 'must be true or false, got "yes"'],
  ['service', [], 'a value is missing'],
  ['service', ['a', ''], 'a value is empty'],
  ['type', ['a\0'], 'the value is not well-formed text'],
  ['pattern', ['\udc00'], 'the value is not well-formed text'],
  ['service', Array.from({ length: 65 }, () => 'a'), 'at most 64 values, got 65']
]

for (const [name, values, message] of BAD) {
  test(`${name}=${JSON.stringify(values.join(',').slice(0, 20))} is refused: ${message}`, (t) => {
    t.throws(() => anyValue(name, values), { code: 'invalid', message: `${name}: ${message}`, faults: [{ path: name, message }] })
    t.end()
  })
}
