import { SseClient } from '../../plugins/sse.ts'
import { broken, type Case, type Result } from '../case.ts'
import { holds } from '../stack/prometheus.ts'
import { Switchboard } from '../switchboard.ts'
import { TOKEN } from '../service-process.ts'

const SEEN_WITHIN_MS = 20_000

/** Texts, and bare words that must find them: beside terminal codes, and in scripts without blanks between words. */
const TEXTS: ReadonlyArray<[name: string, message: string, words: readonly string[]]> = [
  ['colour', '\u001B[31mERROR\u001B[0m payment \u001B[1;33mrefused\u001B[m', ['error', 'refused']],
  ['a link', '\u001B]8;;https://example.com/\u0007invoice\u001B]8;;\u0007 lost', ['invoice', 'lost']],
  ['Chinese', '数据库连接失败', ['连接', '失败']],
  ['Japanese', 'データベースへの接続に失敗しました', ['接続', 'データベース']],
  ['Thai', 'การเชื่อมต่อฐานข้อมูลล้มเหลว', ['ฐานข้อมูล', 'ล้มเหลว']],
  ['Korean', '데이터베이스에 연결하지 못했습니다', ['데이터베이스', '연결']],
  ['two scripts', 'timeout缓存timeout', ['缓存']]
]
const WORDS = TEXTS.flatMap(([name, message, words]) => words.map((word, at) => ({ id: `${name.toLowerCase().replaceAll(' ', '-')}-${at}`, message, word })))

/** The same words through everything that judges a query: search, count, stream, rule and replay. */
async function everywhere (): Promise<Result> {
  const rules = WORDS.map(({ id, word }) => ({ id, name: id, signal: { events: word }, aggregate: 'count' as const, window: '5m', levels: { critical: { op: '>=' as const, value: 1 } } }))
  const board = await Switchboard.open({ file: { rules } })
  try {
    const streams = await Promise.all(WORDS.map(({ word }) => SseClient.open(`${board.service.base}/stream?topics=events&q=${encodeURIComponent(word)}`, { authorization: `Bearer ${TOKEN}` })))
    const from = new Date(Date.now() - 60_000).toISOString()
    await board.client.post('/events', [...TEXTS.map(([, message]) => ({ message })), { message: 'all is well' }])
    const faults: string[] = []
    for (const [at, { id, message, word }] of WORDS.entries()) {
      const stream = streams[at]
      const ask = async (path: string) => (await board.client.call({ path })).text
      const query = `q=${encodeURIComponent(word)}`
      const replay = await board.client.post('/rules/replay', { rule: rules[at], from, to: new Date(Date.now() + 60_000).toISOString() })
      faults.push(...broken(
        [messagesOf(await ask(`/events?${query}`)).join() === message, `${id}: search finds ${await ask(`/events?${query}`)}`],
        [await holds(async () => stream?.events.map((event) => event.message).join() === message, SEEN_WITHIN_MS), `${id}: the stream shows ${JSON.stringify(stream?.events)}`],
        [await holds(async () => (await ask(`/alerts?state=firing&rule=${encodeURIComponent(id)}`)).includes(`"${id}"`), SEEN_WITHIN_MS), `${id}: its rule does not fire`],
        [replay.status === 200 && replay.text.includes('"firings":[{'), `${id}: the replay answers ${replay.status} ${replay.text.slice(0, 300)}`]
      ))
    }
    for (const stream of streams) stream.close()
    return { figures: { texts: TEXTS.length, words: WORDS.length, places: 4 }, faults }
  } finally {
    await board.close()
  }
}

function messagesOf (text: string): string[] {
  const { events } = JSON.parse(text) as { events: Array<{ message: string }> }
  return events.map(({ message }) => message)
}

export const wordCases: readonly Case[] = [
  { name: 'WORDS', title: 'words beside terminal codes and in scripts without blanks are found by search, stream, rule and replay', run: everywhere }
]
