import type { Test } from 'tap'
import type { NewEvent } from '../../schemas/event.ts'
import { receivedAt } from '../../src/core/row-ids.ts'
import { INITIAL_STATE } from '../../src/rules/state.ts'
import { REJECTIONS, SO_FAR } from './appending.ts'
import { announced, dueIds, opening } from './given-alerts.ts'
import { allEvents, appendAll, cut, everyEvent, fieldsOf, newEvent, page, pageArgs, submission, type OpenStore } from './given.ts'
import { someEvents } from './random.ts'
import { testFolder } from '../support/test-folder.ts'

const SAMPLE = { name: 'größe', labels: { b: '數', a: '' }, value: 0.1, time: 1 }
const TOKEN = { id: 'a', name: 'größe', hash: 'h', prefix: 'bw_abcdef', createdBy: 'ann', scopes: ['ingest'], service: null, env: null, minLevel: null, createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null }
const KEY = { tokenId: 'token', key: 'k', part: 0, bodyHash: 'one' }
const AWKWARD: NewEvent[] = [
  newEvent(),
  newEvent({ time: 0, level: 'TRACE', severity: 'CRITICAL', service: 'a', type: 'a', host: 'a', traceId: 'a', clientId: 'a', message: 'a', meta: '{"a":"a"}' }),
  newEvent({ time: Date.UTC(2200, 11, 31), level: 'FATAL', message: 'x'.repeat(65_536), meta: `{"${'k'.repeat(200)}":"${'v'.repeat(30_000)}"}` }),
  newEvent({ message: 'zażółć gęślą e\u0301 \u{1f468}\u200d\u{1f469}\u200d\u{1f467} 数据 \u202e\ufeff\uffff\u{10ffff}', service: '😀', clientId: '数-1' }),
  newEvent({ message: ' \t\r\n line \u0001\u001f\u007f ', host: ' ', type: "'; DROP TABLE partitions; --" }),
  newEvent({ message: '', meta: '{"big":12345678901234567890123,"small":0.10000000000000000555,"exp":1E+300,"minus":-0}' }),
  newEvent({ meta: '{"__proto__":{"a":[1,{"b":null}]},"":"\\u0001\\ud83d\\ude00","a.b":true}', traceId: '00' })
]

/** A store from its first to its second opening. */
export async function proveReopening (t: Test, open: OpenStore): Promise<void> {
  const place = { dataDir: testFolder(t), partitionBytes: 1 }
  const sent = [...AWKWARD, ...someEvents(50, 11)]
  const store = await open(t, place)

  t.same(await page(store, { total: 'capped' }), { events: [], next: undefined, isCut: false, total: { count: 0, capped: false } }, 'a new store is empty')
  t.same(await store.read('eventsSince', { after: 0, where: undefined, limit: 10 }), [])
  t.same(await store.read('listRejected', { limit: 10, before: undefined }), [])
  t.equal(await store.read('getEvent', 'a'), undefined)

  const answers = await appendAll(store, cut(sent, 4))
  await store.write('insertToken', TOKEN)
  await store.write('appendSamples', { samples: [SAMPLE], maxSeries: 1 })
  const keyed = submission([newEvent({ clientId: 'keyed' })], { key: KEY, receipt: SO_FAR, rejections: REJECTIONS })
  const answer = await store.append(keyed)
  const rejected = await store.read('listRejected', { limit: 10, before: undefined })
  const told = announced(opening('alert', 'firing'), 'channel')
  await store.write('applyAlerts', { ...told, states: [{ ruleId: 'alert', key: '{}', state: { ...INITIAL_STATE, phase: 'firing' } }], evidence: [{ alertId: 'alert', body: { a: 'größe' } }] })
  const alert = await store.read('getAlert', 'alert')
  const last = store.append(submission([newEvent({ clientId: 'last' })]))
  await store.close()

  const lastId = (await last).ids[0] ?? 0
  t.ok(lastId > 0, 'what was handed over before the end is stored')
  await t.rejects(store.append(keyed), /closed/)
  await t.rejects(store.read('pageEvents', pageArgs()), /closed/)
  await store.close()

  const reopened = await open(t, place)

  const ids = answers.flatMap((answer) => answer.ids)
  const expected = sent.map((event, at) => ({ ...fieldsOf(event), id: ids[at] ?? 0, receivedAt: receivedAt(ids[at] ?? 0, 0), patternId: null, anomaly: null }))
  t.same((await everyEvent(reopened)).slice(0, sent.length), expected, 'every field of every event is exact')
  t.equal((await allEvents(reopened)).length, sent.length + 2)
  t.same(await reopened.append(keyed), { ...answer, replayed: true }, 'an answer under a key is given again')
  t.same(await reopened.append(submission([newEvent({ clientId: 'a' }), newEvent({ clientId: 'last' })])), { ids: [0, lastId], duplicates: [1], conflicts: [0], renamed: [] }, 'ids are known')
  t.same((await reopened.read('findReceipt', answer.receipt?.receipt ?? ''))?.receipt, answer.receipt)
  t.same(await reopened.read('listRejected', { limit: 10, before: undefined }), rejected)
  t.same(await reopened.read('findToken', 'h'), TOKEN)
  t.same(await reopened.write('appendSamples', { samples: [SAMPLE], maxSeries: 1 }), { duplicates: [0], refused: [] }, 'samples are known')
  t.same(await reopened.read('getAlert', 'alert'), alert)
  t.same(await reopened.read('openAlerts', undefined), [alert?.alert])
  t.same(await reopened.read('listStates', undefined), [{ ruleId: 'alert', key: '{}', state: { ...INITIAL_STATE, phase: 'firing' } }])
  t.same(await dueIds(reopened, ['channel']), told.notices.map(({ id }) => id))
  const [next = 0] = (await reopened.append(submission([newEvent()]))).ids
  t.ok(next > lastId, 'ids go on growing')
}
