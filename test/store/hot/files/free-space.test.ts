import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { FreeSpace } from '../../../../src/store/hot/files/free-space.ts'
import { allEvents, appendAll, newEvent, newEvents, submission } from '../../../contract/given.ts'
import { buildStore } from '../../../helper.ts'
import { NOON, openParts } from '../../support.ts'
import { testFolder } from '../../../support/test-folder.ts'

const ENDLESS = Number.MAX_SAFE_INTEGER

test('under the floor events are refused, while reading, tokens and retention go on; above it they are taken again', async (t) => {
  const dataDir = testFolder(t)
  const roomy = await buildStore(t, { dataDir, partitionBytes: 1 })
  await appendAll(roomy.store, [newEvents(3, () => ({ message: 'old' })), newEvents(2, () => ({ message: 'new' }))])
  await roomy.store.close()

  const { store, space } = await buildStore(t, { dataDir, partitionBytes: 1, minFreeBytes: ENDLESS })
  t.equal(space.isLow, true)
  await t.rejects(store.append(submission([newEvent()])), { code: 'no_space', retryAfterSeconds: 5, message: /MIN_FREE_BYTES is 9007199254740991/ })
  t.equal((await allEvents(store)).length, 5)
  t.equal(await store.write('revokeToken', { id: 'x', now: 1 }), false)
  t.match(await store.write('keepBudget', { maxBytes: 0 }), { dropped: 1 })
  t.equal((await allEvents(store)).length, 2)
  await store.close()

  const again = await buildStore(t, { dataDir, partitionBytes: 1 })
  t.equal(again.space.isLow, false)
  t.equal((await again.store.append(submission([newEvent()]))).ids.length, 1)
})

test('the disk is looked at now and then, so that room which comes or goes is noticed', async (t) => {
  const { writer, file } = await openParts(t)
  const options = { file, minFreeBytes: 0, now: () => now }
  let now = NOON
  const space = new FreeSpace(writer.raw, options)

  const steps: Array<[waitMs: number, minFreeBytes: number, isRefused: boolean]> = [
    [0, 0, false], [500, ENDLESS, false], [1, ENDLESS, true], [500, 0, true], [1, 0, false], [-3_600_000, ENDLESS, true]
  ]
  for (const [waitMs, minFreeBytes, isRefused] of steps) {
    now += waitMs
    // The floor moves, since the disk of the machine cannot.
    options.minFreeBytes = minFreeBytes
    t.equal(space.refusal() !== undefined, isRefused, `${waitMs} ms later, floor ${minFreeBytes}`)
  }
})

test('what the store takes, what of it is free again, and the disk are told in bytes', async (t) => {
  const { writer, file, store } = await openParts(t)
  store(newEvents(1_000, () => ({ message: 'x'.repeat(1_000) })))
  const space = new FreeSpace(writer.raw, { file, minFreeBytes: 1, now: () => NOON })
  const full = space.look()

  writer.raw.exec('DROP TABLE events_1')
  const emptied = space.look()

  const { blocks, bsize } = statfsSync(join(file, '..'))
  t.ok(full.storeBytes > 1_000_000)
  t.ok(full.diskFreeBytes > 0 && full.diskFreeBytes < blocks * bsize)
  t.ok(emptied.reusableBytes - full.reusableBytes > 1_000_000)
  t.equal(emptied.usedBytes + emptied.reusableBytes, full.usedBytes + full.reusableBytes)
})
