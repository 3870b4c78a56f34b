import { test } from 'tap'
import { matcher } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { indexText } from '../../src/query/index-text.ts'
import { words } from '../../src/query/words.ts'

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
