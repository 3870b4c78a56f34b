import fc from 'fast-check'
import { test } from 'tap'
import { emptyMiner, learn, MOST_PATTERNS, resolveId, type Miner } from '../../src/detect/patterns/miner.ts'
import { restoreMiner, snapshotOf } from '../../src/detect/patterns/snapshot.ts'
import { patternViews, viewPattern, type PatternView } from '../../src/detect/patterns/view.ts'

function learnAll (lines: readonly string[], miner: Miner = emptyMiner()): { miner: Miner, ids: number[] } {
  const ids = lines.map((line, at) => learn(miner, line, at))
  return { miner, ids: ids.map((id) => resolveId(miner, id)) }
}

/** How many patterns the lines are, once all are known. */
function patternsOf (...lines: string[]): number {
  return new Set(learnAll(lines).ids).size
}

function shown ({ parts }: PatternView): string {
  return parts.map(({ text, values }) => values === undefined ? text : '<*>').join('')
}

/** Words of letters alone, all different. */
function word (number: number): string {
  return String(number).replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
}

for (const [what, lines] of Object.entries({
  'numbers and their units': ['took 5ms for 3 rows', 'took 12.5ms for 99 rows'],
  'hex, uuids and addresses': ['lost 0x1f of 5f1c4f0e-94fe-4f0e-94fe-853fd2735f29 at 10.0.0.1:80', 'lost 0xa3 of 7e7cc42f-3cb9-4d91-804c-f5a32d54f1c5 at fe80::1'],
  'paths and URLs': ['cannot open /var/log/a for https://x.example/a?b=c now', 'cannot open C:\\temp\\b for http://y.example now'],
  'values of keys': ['login user=anna from=web took time', 'login user=bert from=phone took time'],
  'identifiers behind a colon without a blank': ['trace:routeid, begin of work', 'trace:websiteMain, begin of work'],
  'a number that decides': ['return httpCode is 404', 'return httpCode is 200'],
  'literals of programs': ['cache is null and empty is true', 'cache is None and empty is false'],
  'dates in a text': ['seen at Fri Jun 17 07:07:00 PDT 2005 again', 'seen at Sat Jul  2 11:00:09 UTC 2006 again'],
  'embedded JSON': ['record: {"name": "a b", "state": "new", "n": null}', 'record: {"name": "c", "state": "old item, \\"quoted\\"", "n": 3}'],
  'names of classes with dots': ['caught java.io.IOException in handler loop', 'caught org.example.Broken in handler loop'],
  'marks behind a word': ['data address space.........0', 'data address space....1'],
  'a variable that once looks like a word': ['query agents of region 4711 now', 'query agents of region europe now'],
  'the same the other way round': ['query agents of region europe now', 'query agents of region 4711 now']
})) {
  test(`lines that differ in ${what} have one pattern`, async (t) => {
    t.equal(patternsOf(...lines), 1)
  })
}

for (const [what, lines] of Object.entries({
  'short commands': ['display clock', 'display version', 'display license', 'display slot', 'display users', 'display patch'],
  'outcomes of one event': ['VM Started (Lifecycle Event)', 'VM Stopped (Lifecycle Event)', 'VM Paused (Lifecycle Event)', 'VM Resumed (Lifecycle Event)'],
  'lines of nothing but variables': ['10.0.0.1:80', '5, 6, 7', '[3/4]', '{"a"=1}', '***'],
  'lines without a word and lines with one': ['', 'x', '17']
})) {
  test(`${what} stay different`, async (t) => {
    t.equal(patternsOf(...lines), lines.length)
  })
}

test('five words at a place, or three names, make it a variable, the first place too; the older id stays', async (t) => {
  const plain = ['anna', 'bert', 'cleo', 'dora', 'emil'].map((name) => `session opened for ${name} now`)
  const names = ['nodeManager', 'job_tracker', 'dataNode'].map((name) => `start ${name}`)
  const first = ['cupsd', 'syslogd', 'klogd', 'portmap', 'crond'].map((name) => `${name} startup succeeded`)

  for (const lines of [plain, names, first]) t.same(learnAll(lines).ids, lines.map(() => 1))
  t.equal(patternsOf(...plain.slice(1)), 4)
})

test('two places that vary together are found too', async (t) => {
  const { miner, ids } = learnAll(Array.from({ length: 40 }, (_, i) => `user ${word(i)} came in from ${word(i + 500)} today`))

  t.same(new Set(ids), new Set([1]))
  t.equal(patternViews(miner).length, 1)
})

test('ids that were told stay good: what became one resolves to the oldest', async (t) => {
  const miner = emptyMiner()
  const told = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => learn(miner, `session closed for ${name} today`, 0))

  t.same(told, [1, 2, 3, 4, 1, 1])
  t.same(told.map((id) => resolveId(miner, id)), [1, 1, 1, 1, 1, 1])
  t.equal(resolveId(miner, 4711), 4711)
  t.match(viewPattern(miner, 3), { id: 1, count: 6 })
})

for (const [what, header] of Object.entries({
  syslog: 'Jun  4 15:16:01 combo sshd(pam_unix)[19939]: ',
  'syslog with a priority': '<34>Oct 11 22:14:15 mymachine su: ',
  'syslog behind what a collector writes': '- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: ',
  'a program with a blank': 'Jul  1 09:00:55 calvisitor-10 Some Program[35628]: ',
  'syslog with a time of ISO 8601': '2026-11-29T10:00:00.000+01:00 shop-1 sshd[411]: ',
  'a level in mixed letters behind a time': '2016-09-28 04:30:31, Info                  ',
  'a level behind a time of ISO 8601': '2026-11-29T10:00:00.123Z warn: ',
  'Android\'s log': '03-17 16:13:38.811  1702  2395 D WindowManager: ',
  'a level and blocks behind it': '2015-10-18 18:01:47,978 INFO [main [of 2]] org.example.Main: ',
  'a level in brackets': '[Sun Dec 04 04:47:44 2005] [error] ',
  'fields in bars': '20171223-22:15:29:606|Step_LSC|30002312|',
  'epoch seconds': '460903 node-70 action.start 1074119817 1 '
})) {
  test(`a raw line has the pattern of its message: ${what}`, async (t) => {
    const { miner, ids } = learnAll(['connection of node lost', `${header}connection of node lost`])

    t.same(ids, [1, 1])
    t.equal(patternViews(miner)[0]?.example, 'connection of node lost')
  })
}

test('a level in a bare message is no end of a header', async (t) => {
  t.equal(patternsOf('upstream said ERROR while reading', 'downstream said ERROR while reading'), 2)
})

test('a pattern is shown by an example, what varies in it with its commonest values, count and times', async (t) => {
  const { miner } = learnAll(['9', '9', '7', '9', '8'].map((slot) => `Jun  4 15:16:01 combo apache: Found child 6725 in slot ${slot}`))

  t.match(patternViews(miner), [{ id: 1, count: 5, firstSeen: 0, lastSeen: 4 }])
  const [view] = patternViews(miner)
  t.equal(view === undefined ? '' : shown(view), 'Jun  4 15:16:01 combo apache: Found child <*> in slot <*>')
  t.same(view?.parts.at(-1), { text: '9', values: [{ value: '9', count: 3 }, { value: '7', count: 1 }, { value: '8', count: 1 }] })
})

test('a miner that was stored and restored goes on as if nothing was', async (t) => {
  const lines = Array.from({ length: 600 }, (_, i) => [`user ${word(i % 40)} came in from ${word(i % 23)} today`, `state of ${word(i % 7)} is ${i % 3}`, `${i} ${word(i % 90)} of all`][i % 3] ?? '')
  const whole = learnAll(lines)
  const { miner: half, ids } = learnAll(lines.slice(0, 300))

  const restored = restoreMiner(snapshotOf(half))
  const rest = lines.slice(300).map((line, at) => learn(restored, line, at + 300))

  t.same([...ids, ...rest].map((id) => resolveId(restored, id)), whole.ids)
  t.same(patternViews(restored), patternViews(whole.miner))
  t.equal(snapshotOf(restored), snapshotOf(whole.miner))
})

test('a snapshot of another version is refused', async (t) => {
  t.throws(() => restoreMiner('{"version": 0}'), { code: 'invalid', message: /version 0/ })
})

test('distinct messages stay under the bounds, and what is common outlives them', async (t) => {
  const miner = emptyMiner()
  for (let i = 0; i < 3; i++) learn(miner, 'the common line of all', 0)
  for (let i = 0; i < 1.5 * MOST_PATTERNS; i++) learn(miner, `${word(i)} ${word(7 * i)} ${word(11 * i)} ${word(13 * i)}`, i)

  t.ok(miner.patterns.size <= MOST_PATTERNS)
  t.equal(learn(miner, 'the common line of all', 0), 1)
  t.equal(viewPattern(miner, 1)?.count, 4)
})

for (const [what, line] of Object.entries({
  JSON: (text: string) => `{"level":"info","time":1,"msg":"${text}"}`,
  logfmt: (text: string) => `time=1 level=info msg="${text}" n=3`
})) {
  test(`of a line of ${what} the words of the message count`, async (t) => {
    t.same(learnAll([line('user 3 came'), line('user 4 came'), line('user 3 went away')]).ids, [1, 1, 2])
  })
}

test('the fields of a log of requests are values, the browser too', async (t) => {
  t.equal(patternsOf('10.0.0.1 - - [10/Oct/2025:13:55:36 -0700] "GET /a HTTP/1.0" 200 23 "http://a.example/x" "Mozilla/5.0 (X11; Linux)"', '10.0.0.2 - - [10/Oct/2025:13:55:37 -0700] "GET /b HTTP/1.0" 200 9 "-" "curl/8.0 (like Gecko)"'), 1)
})

test('a key without a value is the same as one with it, and what is said twice is one value', async (t) => {
  t.equal(patternsOf('work done, tag: service, by the host', 'work done, tag: , by the host'), 1)
  t.equal(patternsOf('no index orders in alias orders is open today', 'no index users in alias users is open today'), 1)
})

test('of a long line the start decides', async (t) => {
  const words = 'one more word '.repeat(40_000)
  t.equal(patternsOf(words + 'left', words + 'right', 'x'.repeat(5_000) + ' left', 'x'.repeat(5_000) + ' right'), 2)
})

test('any text has a pattern, the same each time, and is shown whole', async (t) => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[ -~]*$/), fc.array(fc.constantFrom('"', "'", '=', ':', '[', '{', ',', '\\', '.', ' ', 'a', 'Jun', '1')).map((parts) => parts.join('')))
  fc.assert(fc.property(fc.array(text, { maxLength: 20 }), (lines) => {
    const { miner, ids } = learnAll(lines)
    for (const view of patternViews(miner)) t.equal(view.parts.map((part) => part.text).join(''), view.example)
    return learnAll(lines, miner).ids.every((id, i) => id === resolveId(miner, ids[i] ?? 0))
  }))
})
