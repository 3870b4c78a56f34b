import { mock } from 'node:test'
import { test } from 'tap'
import { distinct, Filesystems } from '../../src/monitor/filesystems.ts'

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

test('each file system counts once, by its shortest mount; several of one kind are several', async (t) => {
  const of = (fs: string, mount: string, more: object = {}) => ({ fs, type: 'ext4', mount, size: 100, used: 40, available: 50, rw: true, ...more })
  const found = distinct([
    of('/dev/sda2', '/var/lib/docker/volumes/x'), of('/dev/sda2', '/'), of('/dev/sda2', '/home'),
    of('tmpfs', '/run', { type: 'tmpfs' }), of('tmpfs', '/dev/shm', { type: 'tmpfs' }),
    of('overlay', '/var/lib/docker/overlay2/0a/merged', { type: 'overlay' }),
    of('tank/data', '/data', { type: 'zfs' }), of('tank/mail', '/mail', { type: 'zfs' }), of('nas:/share', '/mnt/a'), of('nas:/share', '/mnt/bb'),
    of('/dev/loop3', '/snap/core', { rw: false, available: 0 }), of('/dev/sdb1', '/full', { available: 0 }), of('/dev/sda2', '/etc/hosts')
  ])

  t.same(found.map(({ mount }) => mount), ['/', '/run', '/data', '/mail', '/full', '/mnt/a', '/dev/shm'])
  t.same(distinct([of('overlay', '/', { type: 'overlay' }), of('/dev/sda2', '/data')]).map(({ mount }) => mount), ['/', '/data'])
})
