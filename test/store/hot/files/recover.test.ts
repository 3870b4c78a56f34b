import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { FILE_NAME } from '../../../../src/store/hot/files/place.ts'
import { recoverStore, type Recovered } from '../../../../src/store/hot/files/recover.ts'
import { allEvents, newEvents, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { testFolder } from '../../../support/test-folder.ts'

const EVENTS = 3_000
const PAGE_BYTES = 4_096
const TOKEN = { id: 'a', name: 'sender', hash: 'h', prefix: 'bw_abcdef', createdBy: 'ann', scopes: ['ingest'], service: null, env: null, minLevel: null, createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null }

test('what can be read of a damaged store comes back, and is found as before', async (t) => {
  const dataDir = await filled(t)
  const file = join(dataDir, FILE_NAME)
  damagePages(file, 0.5, 0.6)
  const bytes = readFileSync(file)
  await t.rejects(buildStore(t, { dataDir }), { code: 'overloaded' })

  const { events, holes, from, rows } = await recoverQuietly(dataDir)

  t.ok(events > EVENTS / 2 && events < EVENTS, `${events} events`)
  t.ok(holes > 0)
  t.same(rows['tokens'], 1)
  t.same(readFileSync(from), bytes, 'the damaged one is as it was')
  const { store, damage } = await buildStore(t, { dataDir })
  t.equal(damage, undefined)
  const found = await allEvents(store)
  t.equal(found.length, events)
  t.match(found[0], { message: /^message \d+$/, service: /^service \d$/ })
  t.match(await store.read('findToken', 'h'), TOKEN)
  t.match(await store.read('listSeries', {}), [{ name: 'a' }])
  const last = found.reduce((a, b) => a.id > b.id ? a : b)
  const [next = 0] = (await store.append(submission(newEvents(1, () => ({}))))).ids
  t.ok(next > Number(last.id), 'and goes on after the last')
})

test('a store that lost its log gives back all that its file holds', async (t) => {
  const dataDir = await filled(t)
  rmSync(join(dataDir, `${FILE_NAME}-marker`))
  writeFileSync(join(dataDir, `${FILE_NAME}-marker`), JSON.stringify({ store: 'other', partition: 1, event: 1, audit: 0, notice: 0 }))

  await t.rejects(buildStore(t, { dataDir }), { message: /not the store that was here/ })
  const { events, expected, holes } = await recoverQuietly(dataDir)

  t.same({ events, expected, holes }, { events: EVENTS, expected: EVENTS, holes: 0 })
})

test('what is recovered later is put before what came in meanwhile', async (t) => {
  const dataDir = await filled(t)
  damagePages(join(dataDir, FILE_NAME), 0.5, 0.6)
  const { store } = await buildStore(t, { dataDir, acceptEmpty: true })
  await store.append(submission(newEvents(5, () => ({ message: 'meanwhile' }))))
  await t.rejects(recoverQuietly(dataDir), { code: 'conflict', message: /another bellwether process/ }, 'not beside a service')
  await store.close()

  const { events } = await recoverQuietly(dataDir)
  const again = await recoverQuietly(dataDir)

  t.equal(again.events, 0, 'a second time changes nothing')
  const { store: whole } = await buildStore(t, { dataDir })
  const found = await allEvents(whole)
  t.equal(found.length, events + 5)
  t.same(found.slice(0, 5).map(({ message }) => message), Array(5).fill('meanwhile'), 'newest first')
})

test('of what is no store nothing is recovered, and nothing begun', async (t) => {
  const dataDir = testFolder(t, { [FILE_NAME]: 'noise'.repeat(10_000) })

  await t.rejects(recoverQuietly(dataDir), { code: 'conflict', message: /nothing can be read of .*damaged-.*--accept-empty/ })

  await t.rejects(buildStore(t, { dataDir }), { code: 'overloaded' }, 'the damage stays unanswered')
})

test('where nothing is damaged there is nothing to recover', async (t) => {
  const dataDir = await filled(t)

  await t.rejects(recoverQuietly(dataDir), { code: 'not_found', message: /nothing in .* is damaged/ })
})

async function filled (t: Test): Promise<string> {
  const dataDir = testFolder(t)
  const { store } = await buildStore(t, { dataDir })
  for (let n = 0; n < EVENTS; n += 500) {
    await store.append(submission(newEvents(500, (index) => ({ message: `message ${n + index}`, service: `service ${index % 3}`, clientId: String(n + index) }))))
  }
  await store.write('insertToken', TOKEN)
  await store.write('appendSamples', { samples: [{ name: 'a', labels: {}, value: 1, time: 5 }] })
  await store.close()
  return dataDir
}

function recoverQuietly (dataDir: string): Promise<Recovered> {
  return recoverStore(dataDir, undefined, async () => {})
}

/** Overwrites each third page of a stretch of the file, which is given in shares of its length. */
function damagePages (file: string, from: number, to: number): void {
  const bytes = readFileSync(file)
  const pages = bytes.length / PAGE_BYTES
  for (let page = Math.floor(pages * from); page < pages * to; page += 3) bytes.fill(0xa5, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
  writeFileSync(file, bytes)
}
