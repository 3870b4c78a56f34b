import { test } from 'tap'
import fc from 'fast-check'
import { AppError } from '../../../src/core/errors.ts'
import { findJsonFault } from '../../../src/ingest/json/fault.ts'
import { isExact } from '../../../src/ingest/json/number.ts'
import { parseJson } from '../../../src/ingest/json/read-json.ts'
import { BAD, CHOSEN_BAD, CHOSEN_GOOD, GOOD, NOT_UTF8 } from './json-cases.ts'
import { decode, refusal } from '../support.ts'

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('every JSON text of the standard is read as JSON.parse reads it', async (t) => {
  for (const { name, body } of GOOD) {
    const text = String(body)

    t.same(JSON.parse(JSON.stringify(parseJson(text))), JSON.parse(text), name)
    t.equal(findJsonFault(text), undefined, name)
  }
})

test('everything else is refused with its line and column', async (t) => {
  for (const { name, body } of BAD) t.match(refusal(() => parseJson(String(body))), /^invalid: not JSON: .+ at line \d+, column \d+$/, name)
})

test('where the standard leaves the choice, numbers stay exact', async (t) => {
  for (const { name, body, same } of CHOSEN_GOOD) t.equal(JSON.stringify(parseJson(String(body))), same, name)
})

test('where the standard leaves the choice, what cannot be held is refused', async (t) => {
  for (const { name, body } of CHOSEN_BAD) t.match(refusal(() => parseJson(String(body))), /^invalid: .+ at line 1, column \d+$/, name)
})

test('a body that is not UTF-8 is refused with the byte', async (t) => {
  for (const { name, body, at } of NOT_UTF8) {
    const whole = Buffer.concat([Buffer.from('{"message":'), Buffer.from(body), Buffer.from('}')])

    t.equal(refusal(() => decode(whole, 'json')), `invalid: the body is not UTF-8 at byte ${11 + at}`, name)
  }
})

test('the place of a mistake is where the text stops being JSON', async (t) => {
  const places: Array<[string, string]> = [
    ['{"a": nope}', 'not JSON: unexpected nope at line 1, column 7'],
    ['{"a": 1,\n"b": }', 'not JSON: unexpected } at line 2, column 6'],
    ['{"a": NaN}', 'not JSON: unexpected NaN at line 1, column 7'],
    ['{"a": 1', 'not JSON: it ends too early at line 1, column 8'],
    ['', 'not JSON: it ends too early at line 1, column 1'],
    ['{"a": "x', 'not JSON: a string is not closed at line 1, column 9'],
    ['{"a": "\t"}', 'not JSON: unescaped control character in a string at line 1, column 8'],
    ['{"a": "\\x"}', 'not JSON: bad escape in a string at line 1, column 8'],
    ['[1]\n\n x', 'not JSON: unexpected x at line 3, column 2'],
    ['[\u00A0]', 'not JSON: unexpected U+00A0 at line 1, column 2'],
    ['[1, -1e400]', 'the number 1e400 is too large for JSON readers at line 1, column 6']
  ]

  for (const [text, place] of places) t.equal(refusal(() => parseJson(text)), `invalid: ${place}`)
})

test('an error names the whole as its place, and counts lines from where it is told', async (t) => {
  try {
    parseJson('[', 7)
    t.fail('must throw')
  } catch (error) {
    t.match(error, new AppError('invalid', 'not JSON: it ends too early at line 7, column 2'))
    t.match(error, { faults: [{ path: '' }] })
  }
})

test('the search for a mistake agrees with JSON.parse on any text', async (t) => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '.', 'e', '0', 'true', 'nul', ' ', '\n', '\\', '\\u00e9', '\t', 'x')
  const text = fc.oneof(fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')), fc.json())

  fc.assert(fc.property(text, (body) => (findJsonFault(body) === undefined) === isJson(body)), { numRuns: 3000 })
  t.pass('on 3000 texts')
})

test('numbers are kept as written only when a double would change them', async (t) => {
  const exact = ['0', '0.0', '-0', '100000000000000000000', '1767225600.123456', '1e5', '1E-7', '0.1', '9007199254740992', '0e999', '12300e-2', '0.000000000000000000000001', '1.7976931348623157e308']
  const inexact = ['9007199254740993', '0.1000000000000000055', '1767225600123456789', '123456789.123456789', '1e-400', '3.141592653589793238', '1.0000000000000001']

  for (const source of exact) t.ok(isExact(source), source)
  for (const source of inexact) t.notOk(isExact(source), source)
})

test('an exact number is a plain number, any other is written out as it came', async (t) => {
  t.same(parseJson('{"a": 1767225600.123456, "b": 100000000000000000000}'), { a: 1767225600.123456, b: 1e20 })
  t.equal(JSON.stringify(parseJson('{"a": [1767225600123456789, -0.1000000000000000055, 1.50]}')), '{"a":[1767225600123456789,-0.1000000000000000055,1.5]}')
})

test('long digits in strings do not make a number inexact', async (t) => {
  t.same(parseJson('{"a": "9007199254740993 1e400 \\" 1e400"}'), { a: '9007199254740993 1e400 " 1e400' })
})

test('__proto__ is a name like any other, on both paths', async (t) => {
  for (const text of ['{"__proto__": {"polluted": 1}}', '{"__proto__": {"polluted": 9007199254740993}}']) {
    const value = parseJson(text)

    t.ok(Object.hasOwn(Object(value), '__proto__'))
    t.notOk('polluted' in {})
    t.equal(JSON.stringify(value), text.replaceAll(' ', ''))
  }
})

test('what JSON.stringify writes is read back the same', async (t) => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value)
    return JSON.stringify(parseJson(text)) === text
  }))
  t.pass('on 100 values')
})

test('a number of a million digits is judged at once', async (t) => {
  t.match(refusal(() => parseJson(`[${'1' + '0'.repeat(1_000_000)}1]`)), /too large for JSON readers at line 1, column 2$/)
  t.equal(JSON.stringify(parseJson(`[0.${'0'.repeat(1_000_000)}1]`)).length, 1_000_005)
})
