import { join } from 'node:path'
import { test } from 'tap'
import { readLinux } from '../../src/monitor/linux.ts'
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
