import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { test, type Test } from 'tap'
import { readContainer } from '../../src/monitor/container.ts'
import { outerInterfaces, wholeDisks } from '../../src/monitor/devices.ts'
import { distinct, Filesystems } from '../../src/monitor/filesystems.ts'
import { readLinux } from '../../src/monitor/linux.ts'
import { readMounts } from '../../src/monitor/mounts.ts'
import { growth, percentOf, perSecond, secondsBetween } from '../../src/monitor/rates.ts'
import { testFolder } from '../support/test-folder.ts'

const PROC = {
  stat: 'cpu  100 20 30 400 50 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n',
  meminfo: 'MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     600 kB\nSwapCached:         1 kB\nSwapTotal:        200 kB\nSwapFree:         150 kB\n',
  net: {
    dev: `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 5000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0
  eth0: 100 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0
 wlan0:200 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0
eth0.5: 7000 1 0 0 0 0 0 0 7000 1 0 0 0 0 0 0
veth12: 7000 1 0 0 0 0 0 0 7000 1 0 0 0 0 0 0
docker0: 7000 1 0 0 0 0 0 0 7000 1 0 0 0 0 0 0
`
  },
  diskstats: `   7 0 loop0 9 9 9 9 9 9 9 9 9 9 9
   8 0 sda 1 0 10 0 1 0 100 0 0 0 0
   8 1 sda1 1 0 10 0 1 0 100 0 0 0 0
 259 0 nvme0n1 1 0 20 0 1 0 200 0 0 0 0
 259 1 nvme0n1p1 1 0 20 0 1 0 200 0 0 0 0
 202 1 xvda1 1 0 1 0 1 0 1 0 0 0 0
 253 0 dm-0 1 0 30 0 1 0 300 0 0 0 0
`
}

test('figures are what the kernel counts, each disk and wire once', async (t) => {
  const root = testFolder(t, { proc: PROC })

  t.same(readLinux({ proc: join(root, 'proc'), sys: join(root, 'sys') }), {
    cpuBusySeconds: 1.71,
    cpuSeconds: 6.21,
    memoryTotalBytes: 1_024_000,
    memoryAvailableBytes: 614_400,
    swapTotalBytes: 204_800,
    swapFreeBytes: 153_600,
    networkReceiveBytes: 300,
    networkTransmitBytes: 30,
    diskReadBytes: 31 * 512,
    diskWrittenBytes: 301 * 512
  })
})

test('what is not there, or empty, is not known', async (t) => {
  const proc = testFolder(t, { meminfo: 'MemTotal:  1000 kB\n', diskstats: '\n' })
  const nothing = readLinux({ proc, sys: proc })

  t.match(nothing, { memoryTotalBytes: 1_024_000 })
  t.same(Object.values(nothing).filter((value) => value !== undefined), [1_024_000])
})

const ARC = '9 1 0x01 147 39984 5000 9000\nname                            type data\nhits                            4    12345\nc                               4    900000\nc_min                           4    100000\nsize                            4    %SIZE%\ncompressed_size                 4    9\n'
const arcs: ReadonlyArray<[title: string, size: number, availableBytes: number]> = [
  ['over its floor is available', 300_000, 614_400 + 200_000],
  ['under its floor is used', 50_000, 614_400],
  ['is never more than there is', 9_000_000, 1_024_000]
]
for (const [title, size, availableBytes] of arcs) {
  test(`the cache of ZFS ${title}`, async (t) => {
    const proc = testFolder(t, { meminfo: PROC.meminfo, spl: { kstat: { zfs: { arcstats: ARC.replace('%SIZE%', String(size)) } } } })

    t.equal(readLinux({ proc, sys: proc }).memoryAvailableBytes, availableBytes)
  })
}

test('bytes of a bridge, a bond, a VLAN and a tunnel are those of their cards, and are not added to them', async (t) => {
  const all = ['lo', 'enp1s0', 'enp2s0', 'bond0', 'bond0.7', 'br0', 'lan', 'wg0', 'tun0', 'veth1', 'docker0', 'ppp0']
  const dev = all.map((name, at) => `${name}: ${10 ** Math.min(at, 2)} 0 0 0 0 0 0 0 5 0 0 0 0 0 0 0`).join('\n')
  const device = () => ({ device: {} })
  const sys = { class: { net: { ...Object.fromEntries(all.map((name) => [name, {}])), enp1s0: device(), enp2s0: device() } } }
  const root = testFolder(t, { proc: { net: { dev } }, sys })

  const { networkReceiveBytes, networkTransmitBytes } = readLinux({ proc: join(root, 'proc'), sys: join(root, 'sys') })

  t.same([networkReceiveBytes, networkTransmitBytes], [110, 10])
})

type Folder = Parameters<Test['testdir']>[0]

function read (t: Test, membership: string, cgroup: Folder) {
  const folder = testFolder(t, { cgroup: { ...Object(cgroup) }, membership })
  return readContainer({ root: join(folder, 'cgroup'), membership: join(folder, 'membership') })
}

const V2 = {
  'cgroup.procs': '1\n',
  'cpu.max': '50000 100000\n',
  'cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
  'memory.max': '1000000\n',
  'memory.current': '700000\n',
  'memory.stat': 'anon 1\ninactive_file 200000\nactive_file 3\n'
}
const FIGURES = { cpuSeconds: 2.5, cpuLimit: 0.5, memoryUsedBytes: 500_000, memoryLimitBytes: 1_000_000 }

test('version 2: limits and use of the own group, without the cache that is given back', async (t) => {
  t.same(read(t, '0::/\n', V2), FIGURES, 'as a container sees it')
  t.same(read(t, '0::/docker/abc\n', V2), FIGURES, 'with the path of the host, and the own group mounted as the root')
  t.same(read(t, '0::/system.slice/bellwether.service\n', { 'system.slice': { 'bellwether.service': V2 } }), FIGURES, 'as a service of systemd')
})

const MEMORY_1 = {
  'cgroup.procs': '1\n',
  'memory.limit_in_bytes': '1000000\n',
  'memory.usage_in_bytes': '700000\n',
  'memory.stat': 'inactive_file 1\ntotal_inactive_file 200000\n'
}
const CPU_1 = { 'cgroup.procs': '1\n', 'cpu.cfs_quota_us': '50000\n', 'cpu.cfs_period_us': '100000\n', 'cpuacct.usage': '2500000000\n' }

test('version 1: the same from its own files', async (t) => {
  const together = '11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n'

  t.same(read(t, together, { memory: MEMORY_1, 'cpu,cpuacct': CPU_1 }), FIGURES, 'as a container sees it')
  t.same(read(t, together, { memory: { docker: { abc: MEMORY_1 } }, 'cpu,cpuacct': { docker: { abc: CPU_1 } } }), FIGURES, 'as the host sees it')
})

test('without limits there is no container', async (t) => {
  const unlimited = { ...MEMORY_1, 'memory.limit_in_bytes': '9223372036854771712\n' }

  t.equal(read(t, '0::/user.slice\n', { ...V2, 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' }), undefined)
  t.equal(read(t, '4:cpu:/\n3:memory:/\n', { memory: unlimited, cpu: { ...CPU_1, 'cpu.cfs_quota_us': '-1\n' } }), undefined)
  t.equal(read(t, '', {}), undefined)
  t.equal(readContainer({ root: '/nowhere', membership: '/nowhere' }), undefined)
})

test('one limit alone is told, and what cannot be read is not known', async (t) => {
  t.same(read(t, '0::/\n', { 'memory.max': '1000000\n' }), { cpuSeconds: undefined, cpuLimit: undefined, memoryUsedBytes: undefined, memoryLimitBytes: 1_000_000 })
})

const device = () => ({ device: {} })

test('a card that stands for another counts once; one in a bridge or bond counts itself', async (t) => {
  const to = (master: string) => ({ ...device(), master: t.fixture('symlink', `../${master}`) })
  const sys = testFolder(t, { class: { net: { eth0: device(), enP1s1: to('eth0'), eth1: to('bond0'), eth2: to('br0'), bond0: {}, br0: {} } } })

  t.same(outerInterfaces(['lo', 'eth0', 'enP1s1', 'eth1', 'eth2', 'bond0', 'br0'], sys), ['eth0', 'eth1', 'eth2'])
})

test('in a container, where no card is seen, its own end counts', async (t) => {
  const sys = testFolder(t, { class: { net: { lo: {}, eth0: {}, eth1: {}, tunl0: {}, 'eth0.5': {} } } })

  t.same(outerInterfaces(['lo', 'tunl0', 'eth0', 'eth1', 'eth0.5'], sys), ['eth0', 'eth1'])
  t.same(outerInterfaces(['lo', 'venet0'], join(sys, 'nowhere')), ['venet0'])
  t.same(outerInterfaces(['lo', 'docker0', 'br-0a1b', 'br0', 'bond0', 'vlan7', 'vxlan.calico', 'sit0', 'gre0', 'wg0', 'tailscale0', 'virbr0', 'podman1'], sys), [])
})

const names: ReadonlyArray<[title: string, given: string[], whole: string[]]> = [
  ['the tenth namespace is no part of the first', ['nvme0n1', 'nvme0n1p1', 'nvme0n10', 'nvme0n10p2', 'nvme0n11'], ['nvme0n1', 'nvme0n10', 'nvme0n11']],
  ['disks of two letters', ['sda', 'sda1', 'sda15', 'sdaa', 'sdaa1', 'sdab'], ['sda', 'sdaa', 'sdab']],
  ['cards', ['mmcblk0', 'mmcblk0p1', 'mmcblk0p10', 'mmcblk1', 'mmcblk10'], ['mmcblk0', 'mmcblk1', 'mmcblk10']],
  ['virtual disks', ['vda', 'vda1', 'xvda1', 'xvdb', 'xvdb2'], ['vda', 'xvda1', 'xvdb']],
  ['arrays of an old controller', ['cciss/c0d0', 'cciss/c0d0p1', 'cciss/c0d10'], ['cciss/c0d0', 'cciss/c0d10']],
  ['what is made of others, in memory, or behind the network', ['loop0', 'loop0p1', 'dm-0', 'md0', 'md127p1', 'zram0', 'ram1', 'nbd0', 'nbd0p1', 'sr0', 'fd0', 'zd16', 'zd16p1', 'drbd1', 'bcache0', 'sdb'], ['sdb']]
]
for (const [title, given, whole] of names) {
  test(`whole disks are told by their names: ${title}`, async (t) => {
    t.same(wholeDisks(given, testFolder(t)), whole)
  })
}

test('whole disks are told by what the kernel says of them, where it does', async (t) => {
  const sys = testFolder(t, { block: { sda: device(), nvme0n1: device(), nvme0n10: device(), 'cciss!c0d1': device(), 'dm-0': {}, mine0: {}, sr0: device() } })

  t.same(wholeDisks(['sda', 'sda1', 'nvme0n1', 'nvme0n1p1', 'nvme0n10', 'cciss/c0d1', 'cciss/c0d1p1', 'dm-0', 'mine0', 'sr0'], sys), ['sda', 'nvme0n1', 'nvme0n10', 'cciss/c0d1'])
})

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

const stretches: ReadonlyArray<[before: number | undefined, now: number, seconds: number | undefined]> = [
  [undefined, 5_000, undefined],
  [5_000, 5_000, undefined],
  [5_001, 5_000, undefined],
  [4_999, 5_000, 0.001],
  [0, 15_000, 15],
  [0, 15_001, undefined]
]
for (const [before, now, seconds] of stretches) {
  test(`from ${before} to ${now} ms with a gap after 15 s are ${seconds} s`, async (t) => {
    t.equal(secondsBetween(before, now, 15_000), seconds)
  })
}

test('a rate is what a total grew by, over the time that it took', async (t) => {
  t.equal(perSecond(100, 400, 1.5), 200)
  t.equal(perSecond(100, 100, 5), 0)
})

test('there is no rate of a total that is not known, began anew, or over a gap', async (t) => {
  t.same([perSecond(undefined, 1, 1), perSecond(1, undefined, 1), perSecond(2, 1, 1), perSecond(1, 2, undefined)], [undefined, undefined, undefined, undefined])
  t.equal(growth(5, 4), undefined)
})

test('there is no per cent of nothing', async (t) => {
  t.equal(percentOf(1, 4), 25)
  t.same([percentOf(0, 0), percentOf(undefined, 1), percentOf(1, undefined)], [undefined, undefined, undefined])
})
