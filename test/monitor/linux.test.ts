import { test } from 'tap'
import { readLinux } from '../../src/monitor/linux.ts'

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
  t.same(readLinux(t.testdir(PROC)), {
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
  const nothing = readLinux(t.testdir({ meminfo: 'MemTotal:  1000 kB\n', diskstats: '\n' }))

  t.match(nothing, { memoryTotalBytes: 1_024_000 })
  t.same(Object.values(nothing).filter((value) => value !== undefined), [1_024_000])
})
