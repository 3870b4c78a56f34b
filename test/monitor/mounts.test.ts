import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { readMounts } from '../../src/monitor/mounts.ts'
import { testFolder } from '../support/test-folder.ts'

const KERNEL = 'proc /proc proc rw,nosuid 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/loop3 /snap/core squashfs ro 0 0\n'

test('plain disks are measured as the kernel counts, under names with blanks and umlauts too; what is gone is left out', async (t) => {
  const disk = join(t.testdirName, 'größer als')
  const lines = `${KERNEL}/dev/sdb1 ${disk.replaceAll(' ', '\\040')} ext4 ro,relatime 0 0\n/dev/sdc1 /gone/${process.pid} xfs rw 0 0\n`
  const file = join(testFolder(t, { 'größer als': {}, mounts: lines }), 'mounts')
  const { bsize, blocks } = statfsSync(disk)

  const [found, ...others] = await readMounts(file) ?? []

  t.match(found, { fs: '/dev/sdb1', mount: disk, type: 'ext4', rw: false, size: blocks * bsize })
  t.ok((found?.used ?? -1) >= 0 && (found?.available ?? -1) >= 0 && (found?.used ?? 0) + (found?.available ?? 0) <= blocks * bsize)
  t.same(others, [])
})

test('where more is mounted than plain disks, or no list is, others must be asked', async (t) => {
  for (const line of ['nas:/share /mnt nfs4 rw 0 0', 'tank/data /data zfs rw 0 0', 'me@host: /far fuse.sshfs rw 0 0', 'x /new newfs rw 0 0']) {
    t.equal(await readMounts(join(testFolder(t, { mounts: `${KERNEL}/dev/sda1 / ext4 rw 0 0\n${line}\n` }), 'mounts')), undefined, line)
  }
  t.equal(await readMounts(join(testFolder(t, {}), 'none')), undefined)
  t.same(await readMounts(join(testFolder(t, { mounts: KERNEL }), 'mounts')), [])
})
