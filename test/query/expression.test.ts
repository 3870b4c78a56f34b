import fc from 'fast-check'
import { test } from 'tap'
import { compileExpression } from '../../src/query/expression.ts'

const compile = (text: string, ignoreCase = false): RegExp => compileExpression(text, { ignoreCase })

/** What an expression finds, against what JavaScript itself finds with the same. */
const SAME: ReadonlyArray<[text: string, samples: readonly string[]]> = [
  ['a.c', ['abc', 'a\nc', 'ac']],
  ['^a|b$', ['ax', 'xb', 'xax', 'b']],
  ['\\bfoo\\B', ['foo', 'food', 'xfood']],
  ['[a-c\\d_-]+', ['abz', '9', '-', 'x']],
  ['[^a-c]', ['a', 'd', '']],
  ['[\\]\\\\^]', [']', '\\', '^', 'a']],
  ['[]', ['', 'a']],
  ['[^]', ['', '\n']],
  ['\\x41\\u0042\\cJ\\t\\.', ['AB\n\t.', 'AB']],
  ['a{2}', ['a', 'aa', 'aaa']],
  ['^a{2,3}$', ['a', 'aa', 'aaa', 'aaaa']],
  ['^a{2,}$', ['a', 'aa', 'aaaaaa']],
  ['^a{0}b{0,2}?c$', ['c', 'bc', 'bbc', 'bbbc', 'ac']],
  ['^[ab]{3}\\d{1,2}x?$', ['aba1', 'bbb12x', 'ab1', 'aaa123']],
  ['a{2}b{', ['aab{', 'aab']],
  ['a{,3}', ['a{,3}', 'aaa']],
  ['^x{', ['x{', 'x']],
  ['(a|b)+?c', ['abac', 'c']],
  ['(?<year>\\d{4})-(?<month>\\d\\d)', ['on 2026-01-02', '26-01']],
  ['^(?:\\d{1,3}\\.){3}\\d{1,3}$', ['10.0.0.255', '1.2.3']],
  ['größe|😀', ['die größe', '😀', 'GRÖSSE']],
  ['\\/\\-\\"', ['/-"', '/']],
  ['\\d{3}|x{2}', ['123', 'xx', '12x']]
]

test('an expression finds what it finds in JavaScript', (t) => {
  for (const [text, samples] of SAME) {
    for (const sample of samples) {
      const found = compile(text).exec(sample)
      const expected = new RegExp(text).exec(sample)

      t.same(found === null ? null : [...found], expected === null ? null : [...expected], `${text} in ${JSON.stringify(sample)}`)
      t.same({ ...found?.groups }, { ...expected?.groups })
    }
  }
  t.end()
})

test('case does not count where that is wished', (t) => {
  const texts = ['error', '[d-f]rror', '[^d-f]rror', 'E\\x52ROR', '\\u0065rror', '[\\w-]+Ö', 'stra[ßs]e', '[à-ý]rger', 'é{2}', 'σ', '[α-ω]', 's', '[k-s]$', '[µ]', '[\\u00e0-\\u00ff]', '[a-z]{2,3}\\d', '[Z-a]', '[.-]x', '[a\\]]b', '^\\w+$', '\\cj', 'x|Y', '(?<N>a)B']
  const samples = ['error', 'ERROR', 'eRroR', 'grror', 'GRROR', 'ab-ö', 'AB-Ö', 'STRASE', 'straße', 'ςσΣ', 'µ', 'ſ', 'K', 'Ärger', 'ärger', 'éÉ', 'AB1', 'abC2', 'z', 'A', '_', '-X', '.x', 'A]', ']B', 'aB', '\n', 'y', 'X', 'J']

  for (const text of texts) {
    for (const sample of samples) t.equal(compile(text, true).test(sample), new RegExp(text, 'i').test(sample), `${text} in ${JSON.stringify(sample)}`)
  }
  t.end()
})

test('classes without case hold what those of JavaScript hold', (t) => {
  const letter = fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code))
  const escaped = letter.map((one) => /[\\\]^-]/.test(one) ? `\\${one}` : one)
  const range = fc.tuple(letter, letter).map((pair) => [...pair].sort().map((one) => /[\\\]^-]/.test(one) ? `\\${one}` : one).join('-'))
  const members = fc.array(fc.oneof(escaped, range, fc.constantFrom('\\d', '\\w', '\\s', '\\D')), { minLength: 1, maxLength: 5 })

  fc.assert(fc.property(members, fc.boolean(), letter, (parts, isNegated, sample) => {
    const text = `[${isNegated ? '^' : ''}${parts.join('')}]`
    return compile(text, true).test(sample) === new RegExp(text, 'i').test(sample)
  }), { numRuns: 2_000, seed: 7 })
  t.end()
})

test('counted repetitions find what they find in JavaScript', (t) => {
  const atom = fc.constantFrom('a', '[ab]', '\\w', '.', 'b', '\\x61')
  const count = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'x,', 'x,y'), fc.constantFrom('', '?')).map(([least, more, form, lazy]) => `{${form.replace('x', String(least)).replace('y', String(least + more))}}${lazy}`)
  const text = fc.array(fc.tuple(atom, fc.oneof(count, fc.constantFrom('', '+', '*?'))).map((pair) => pair.join('')), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))

  fc.assert(fc.property(text, fc.stringMatching(/^[abc]{0,12}$/), (expression, sample) => compile(expression).exec(sample)?.[0] === new RegExp(expression).exec(sample)?.[0]), { numRuns: 1_000, seed: 7 })
  t.end()
})

test('what could run for ever is refused, and named', (t) => {
  const refused: ReadonlyArray<[text: string, reason: RegExp]> = [
    ['(?=a)b', /linear time/],
    ['(?!a)b', /linear time/],
    ['(?<=a)b', /linear time/],
    ['(?<!a)b', /linear time/],
    ['(a)\\1', /linear time/],
    ['(?<n>a)\\k<n>', /linear time/],
    ['(a', /unterminated group/],
    ['a)', /unmatched '\)'/],
    ['[a', /unterminated character class/],
    ['a**', /nothing to repeat/],
    ['a{3,2}', /numbers out of order/],
    ['\\', /\\ at end of pattern/],
    [`${'a'.repeat(512)}b`, /has 513 characters, at most 512/],
    ['[0-9a-f]{200}'.repeat(10), /too long once its counted repetitions are written out/],
    ['((a{50}){50}){50}', /./],
    ['(ab){1000}', /./]
  ]

  for (const [text, reason] of refused) t.throws(() => compile(text), { code: 'invalid', message: reason }, text)
  t.end()
})

test('a long text is searched as a short one is', (t) => {
  const pad = '-'.repeat(2_000)
  const digits = compileExpression('(?<first>\\d)(\\d)', { flags: 'g' })

  t.equal(compile('a+$').exec(`${pad}aa`)?.index, 2_000)
  t.same({ ...compile('(?<n>a+)b', true).exec(`${pad}AAb`)?.groups }, { n: 'AA' })
  for (const text of ['12 34 5', `12 34 5${pad}`]) {
    t.equal(text.replace(digits, '$2$<first>').slice(0, 7), '21 43 5')
    t.equal(text.replace(digits, (found) => `<${found}>`).slice(0, 9), '<12> <34>')
    t.same([...text.matchAll(digits)].map(({ index }) => index), [0, 3])
    t.equal(digits.test(text), true)
    t.equal(digits.exec(text)?.index, 3, 'goes on behind what was found')
    t.equal(digits.exec(text), null)
  }
  t.end()
})

test('an expression of 512 characters is taken', (t) => {
  t.ok(compile('a'.repeat(512)).test('a'.repeat(512)))
  t.end()
})

/** For an engine that tries every way each of these takes longer than the world is old. */
const CATASTROPHIC: ReadonlyArray<[text: string, sample: string, isMatch: boolean]> = [
  ['^(a+)+$', `${'a'.repeat(50_000)}!`, false],
  ['^(a|a)*$', `${'a'.repeat(50_000)}!`, false],
  ['^(a|aa)+$', `${'a'.repeat(50_000)}!`, false],
  ['(.*)*x(.*)*y', 'x'.repeat(20_000), false],
  ['^(\\w+\\s?)*$', `${'word '.repeat(10_000)}!`, false],
  ['(x+x+)+y', 'x'.repeat(20_000), false],
  ['^([a-zA-Z0-9]+)*@', 'a'.repeat(50_000), false],
  [`^${'a?'.repeat(30)}a{30}$`, 'a'.repeat(30), true],
  ['[a-z]+,', 'a'.repeat(200_000), false],
  ['(?:[a-z]+,){3}', 'a'.repeat(200_000), false],
  ['(?<n>(a*)*)b', 'a'.repeat(10_000), false]
]

test('a catastrophic expression answers at once', (t) => {
  for (const [text, sample, isMatch] of CATASTROPHIC) {
    for (const ignoreCase of [false, true]) t.equal(compile(text, ignoreCase).test(sample), isMatch, text)
    t.equal('-'.repeat(3).replace(compileExpression(text, { flags: 'g' }), 'x').includes('-'), true)
  }
  t.end()
})
