import { mock } from 'node:test'
import { test } from 'tap'
import { Filesystems } from '../../src/monitor/filesystems.ts'

const ROOT = { mount: '/', usedBytes: 1, availableBytes: 1, totalBytes: 2 }

test('file systems that do not answer are a fault, are asked once, and are no longer known; later they are again', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const answers: Array<PromiseWithResolvers<Array<typeof ROOT>>> = []
  const filesystems = new Filesystems(() => {
    const answer = Promise.withResolvers<Array<typeof ROOT>>()
    answers.push(answer)
    return answer.promise
  })
  const late = async () => {
    const look = filesystems.look()
    mock.timers.tick(5_000)
    await t.rejects(look, { code: 'timeout' })
  }

  const first = filesystems.look()
  answers[0]?.resolve([ROOT])
  t.same([await first, filesystems.latest], [[ROOT], [ROOT]])
  await late()
  await late()
  t.same([answers.length, filesystems.latest], [2, []])
  const again = filesystems.look()
  answers[1]?.resolve([ROOT])
  t.same([await again, filesystems.latest], [[ROOT], [ROOT]])
})
