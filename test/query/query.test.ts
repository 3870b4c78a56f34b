import { deepStrictEqual as deepEqual } from 'node:assert'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { test, type Test } from 'tap'
import { allOf, anyValue, type FilterName } from '../../src/query/build.ts'
import { queryHints } from '../../src/query/hints.ts'
import { implies } from '../../src/query/implies.ts'
import { indexText } from '../../src/query/index-text.ts'
import { matcher } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { SEPARATORS } from '../../src/query/separators.ts'
import { tokens, words } from '../../src/query/words.ts'

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

const TABLE: ReadonlyArray<[q: string, hints: RegExp[]]> = [
  ['', []],
  ['a OR b AND NOT c', []],
  ['a or b', [/^column 3: "or" is searched for as a word; write OR/]],
  ['And b not (c Or d)', [/^column 1: "And".*both/, /^column 7: "not".*NOT/, /^column 14: "Or"/]],
  ['"or" or* service:or message:and nor oracle constructor', []]
]

for (const [q, hints] of TABLE) {
  test(`"${q}" gets ${hints.length} hints`, async (t) => {
    t.match(queryHints(q), hints)
    t.equal(queryHints(q).length, hints.length)
  })
}

const pairs: ReadonlyArray<[given: string, asked: string, isImplied: boolean]> = [
  ['service:api level>=error', 'level>=error service:api', true],
  ['level>=error', 'level>error', false],
  ['level>error', 'level>=error', true],
  ['level:fatal', 'level>=warn', true],
  ['level<=info', 'level<warn', true],
  ['level<=info', 'level<info', false],
  ['meta.status>=500', 'meta.status>=400', true],
  ['meta.status>=500', 'meta.code>=400', false],
  ['service:api', 'service:*', true],
  ['service:api*', 'service:ap*', true],
  ['service:ap*', 'service:api*', false],
  ['service~Pay', 'service~pa', true],
  ['service~pay', 'service:pay', false],
  ['"payment timed out"', '"timed out"', true],
  ['"payment timed out"', 'pay*', true],
  ['pay*', 'payment', false],
  ['timed out', '"timed out"', false],
  ['a OR b', 'a OR b OR c', true],
  ['a OR b', 'a', false],
  ['service:api (a OR b)', 'b OR a', true],
  ['-service:api,web', '-service:api', true],
  ['-service:api', '-service:api,web', false],
  ['service:web', '-service:api', false]
]

test('a query implies another when its terms say at least as much', async (t) => {
  for (const [given, asked, isImplied] of pairs) {
    const [one, other] = [parseQuery(given), parseQuery(asked)]
    if (one === undefined || other === undefined) throw new Error('a query is empty')
    t.equal(implies(one, other), isImplied, `${given} | ${asked}`)
  }
})

const ESC = '\u001b'

const CODES: ReadonlyArray<[text: string, words: string]> = [
  [`${ESC}[31mERROR${ESC}[0m: no`, 'error no'],
  [`${ESC}[1;38;5;196mfa${ESC}[22;39mil${ESC}[m`, 'fail'],
  [`${ESC}[01;31m${ESC}[Kmatch${ESC}[m${ESC}[K of grep`, 'match of grep'],
  [`${ESC}[38:2::255:0:0mrgb${ESC}[0m`, 'rgb'],
  [`${ESC}[2J${ESC}[1;1Htop${ESC}[5Cright`, 'top right'],
  [`${ESC}[?25lhidden${ESC}[?25h`, 'hidden'],
  ['\u009b31mEIGHT\u009b0m', 'eight'],
  [`${ESC}]8;;https://a.example/b${ESC}\\link${ESC}]8;;${ESC}\\ed`, 'linked'],
  [`${ESC}]0;title\u0007text`, 'text'],
  ['\u009d0;title\u009ctext', 'text'],
  [`${ESC}P1$r0m${ESC}\\text`, 'text'],
  [`${ESC}(Btext${ESC}=`, 'text'],
  [`${ESC}]0;a string without an end hides nothing`, '0 a string without an end hides nothing'],
  [`${ESC}[`, ''],
  ['[31mERROR[0m', '31merror 0m']
]

for (const [text, found] of CODES) {
  test(`the words of ${JSON.stringify(text)} are those that a terminal shows`, async (t) => {
    t.equal(words(text).join(' '), found)
  })
}

const FOUND: ReadonlyArray<[message: string, q: string]> = [
  ['数据库连接失败：超时', '连接'], ['数据库连接失败：超时', '失败 超时'], ['数据库连接失败', '数据库连接失败'],
  ['サーバーエラーが発生しました', 'エラー'], ['サーバーエラーが発生しました', '発生'], ['ｻｰﾊﾞｰ停止', 'ｻｰﾊﾞｰ'],
  ['서버가 응답하지 않습니다', '서버'], ['서버가 응답하지 않습니다', '응답'],
  ['เกิดข้อผิดพลาดในระบบ', 'ผิดพลาด'], ['ລະບົບລົ້ມເຫຼວ', 'ລົ້ມ'], ['កំហុសប្រព័ន្ធ', 'ប្រព័ន្ធ'], ['ဆာဗာချို့ယွင်း', 'ချို့ယွင်း'],
  ['ERROR発生', 'ERROR'], ['ERROR発生', '発生'], ['ERROR発生', 'error発生'], ['代码500错误', '500'], ['𠮷野家で障害', '𠮷野'],
  ['连接超时', '连接*'], ['连接超时', '"接超"'], ['连接超时', '"接超"*'], ['ผิดพลาด', 'ผิ*'], ['连接超时', 'message:超时'], [`${ESC}[31m超时${ESC}[0m`, '超时'],
  [`${ESC}[31mERROR${ESC}[39m`, 'error']
]

for (const [message, q] of FOUND) {
  test(`${q} is found in ${message}`, async (t) => {
    t.equal(isFound(message, q), true)
    t.equal(isFound(message, `-${q}`), false)
  })
}

test('letters that stand elsewhere or in another order are not found', async (t) => {
  for (const [message, q] of [['连接超时', '超连'], ['연결', '결연'], ['ERROR発生', 'ERR'], ['データ', 'タデ']] as const) t.equal(isFound(message, q), false, q)
})

test('an ordinary text is its own index text', async (t) => {
  for (const text of ['', 'GET /a 200', 'größe é ß', 'ошибка', '😀']) t.equal(indexText(text), text)
})

test('no text takes long', async (t) => {
  for (const unit of ['\u009d', `${ESC}]`, '\u009b1', `${ESC}[1`, ESC, '数']) {
    const started = process.cpuUsage()
    indexText(unit.repeat(65_536 / unit.length))
    t.ok(process.cpuUsage(started).user < 2_000_000, JSON.stringify(unit))
  }
})

function isFound (message: string, q: string): boolean {
  const where = parseQuery(q)
  if (where === undefined) throw new Error(`${q} asks for everything`)
  return matcher(where)({ level: 'INFO', severity: 'LOW', service: null, type: null, host: null, traceId: null, message, meta: null, patternId: null, anomaly: null })
}

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
