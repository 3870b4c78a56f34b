import { deepStrictEqual as deepEqual } from 'node:assert'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { test, type Test } from 'tap'
import { SEPARATORS } from '../../src/query/separators.ts'
import { tokens } from '../../src/query/words.ts'

const LAST_CODE_POINT = 0x10ffff
const CODE_POINTS_A_ROW = 256

/** Gives the tokens that the real FTS5 makes of each text. */
function openTokenizer (t: Test): (texts: string[]) => string[][] {
  const db = new Database(':memory:')
  t.teardown(() => db.close())
  db.exec(`CREATE VIRTUAL TABLE doc USING fts5(text, content='', tokenize='unicode61 remove_diacritics 1');
    CREATE VIRTUAL TABLE token USING fts5vocab(doc, 'instance')`)
  const insert = db.prepare<[number, string]>('INSERT INTO doc (rowid, text) VALUES (?, ?)')
  const select = db.prepare<[], { doc: number, term: string }>('SELECT doc, term FROM token ORDER BY doc, offset')
  return (texts) => {
    db.exec("INSERT INTO doc (doc) VALUES ('delete-all')")
    db.transaction(() => texts.forEach((text, at) => insert.run(at, text)))()
    const found: string[][] = texts.map(() => [])
    for (const { doc, term } of select.iterate()) found[doc]?.push(term)
    return found
  }
}

function * codePoints (): Generator<number> {
  for (let code = 0; code <= LAST_CODE_POINT; code++) {
    if (code < 0xd800 || code > 0xdfff) yield code
  }
}

/** Rows in which every code point stands alone, and between two letters. */
function rowsOfEveryCodePoint (): string[] {
  const rows: string[] = []
  const row: string[] = []
  for (const code of codePoints()) {
    const letter = String.fromCodePoint(code)
    row.push(`${letter} x${letter}y`)
    if (row.length === CODE_POINTS_A_ROW) rows.push(row.splice(0).join(' '))
  }
  return [...rows, row.join(' ')]
}

const HAND_PICKED = [
  '',
  '   ',
  'GET /api/v1/users/42 responded 200 in 35.5 ms',
  'user_id=7;path="C:\\temp\\x.log"',
  'Ærøskøbing straße Straße STRASSE ẞ',
  'Café CAFE\u0301 cafe\u0301s e\u0301\u0301 \u0301e o\u0305o',
  'Việt Nam ế Ậ ǘ',
  'İstanbul ISTANBUL ıstanbul Kelvin \u212a Å \u212b',
  'Ὀδυσσεύς ΟΔΥΣΣΕΎΣ ϐϑϕϖ µ',
  'Ошибка ЁЛКА ёлка Ѐ ѝ',
  '数据库连接失败：超时 データベース ログ 한국어 로그',
  'न\u093fम\u094d العربية ١٢٣ ค\u0e33',
  'ok 😀 fire🔥fire 🤔 👨‍👩‍👧 flag🇩🇪 a\ufe0fb',
  '½ ² ① Ⅷ ⅷ ٣ ﬁ ｆｕｌｌ ＷＩＤＥ',
  'a\0b \u{10400}\u{10428} \u{1d400} \ue000 \ufffd',
  'Ꭰꭰ ᲐაႠⴀ Ⱟ Ɜ'
]

const LETTERS = fc.constantFrom(...'aZ09 _-.:/éÉßſİıΣσςЖёЁǅ数ログ한½²😀🤔\u0301\u0305\u0308\u200d\ufe0f\0')
const ORDINARY = fc.string({ unit: fc.oneof(LETTERS, fc.integer({ min: 0x20, max: 0x24f }).map((code) => String.fromCodePoint(code))), maxLength: 40 })
const ANYTHING = fc.string({ unit: 'binary', maxLength: 40 })

test('every code point is a separator, a mark or a letter exactly as in SQLite', (t) => {
  const tokenize = openTokenizer(t)
  const rows = rowsOfEveryCodePoint()

  const different = tokenize(rows).flatMap((theirs, at) => {
    const ours = tokens(rows[at] ?? '')
    return theirs.join(' ') === ours.join(' ') ? [] : [{ firstCodePoint: [...rows[at] ?? ''][0]?.codePointAt(0)?.toString(16), theirs, ours }]
  })

  t.same(different.slice(0, 3), [])
  t.end()
})

test('the list of separators is the one in the linked SQLite', (t) => {
  const tokenize = openTokenizer(t)
  const codes = [...codePoints()].filter((code) => code < 0x20000 || (code >> 12) === 0xe0)

  const texts = codes.map((code) => `x${String.fromCodePoint(code)}y`)
  const ends = tokenize(texts).flatMap((tokens, at) => tokens.length > 1 ? [codes[at] ?? -1] : [])

  t.same(SEPARATORS.filter((range) => range !== 'd800-dfff').join(' '), rangesOf(ends).join(' '))
  t.end()
})

test('hand-picked texts give the words that SQLite finds', (t) => {
  const found = openTokenizer(t)(HAND_PICKED)

  HAND_PICKED.forEach((text, at) => t.same(tokens(text), found[at], JSON.stringify(text)))
  t.end()
})

test('any text gives the words that SQLite finds', (t) => {
  const tokenize = openTokenizer(t)
  const texts = fc.array(fc.oneof(ORDINARY, ANYTHING.filter((text) => text.isWellFormed())), { minLength: 20, maxLength: 60 })

  fc.assert(fc.property(texts, (some) => {
    deepEqual(some.map(tokens), tokenize(some))
  }), { numRuns: 60 })
  t.end()
})

test('words are folded already: taking the words of words changes nothing', (t) => {
  fc.assert(fc.property(fc.oneof(ORDINARY, ANYTHING), (text) => {
    deepEqual(tokens(tokens(text).join(' ')), tokens(text))
  }))
  t.end()
})

test('half a surrogate pair ends a word', (t) => {
  t.same(tokens('a\ud800b'), ['a', 'b'])
  t.end()
})

function rangesOf (codes: number[]): string[] {
  const ranges: [number, number][] = []
  for (const code of codes) {
    const last = ranges.at(-1)
    if (last?.[1] === code - 1) last[1] = code
    else ranges.push([code, code])
  }
  return ranges.map(([from, to]) => from === to ? from.toString(16) : `${from.toString(16)}-${to.toString(16)}`)
}
