import { test } from 'tap'
import type { Sample } from '../../schemas/sample.ts'
import { hostFigures, readHost } from '../../src/monitor/host.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { readPortable } from '../../src/monitor/portable.ts'
import { filesystemSamples, samplesOf } from '../../src/monitor/samples.ts'

const NOTHING = {
  cpuBusySeconds: undefined,
  cpuSeconds: undefined,
  memoryTotalBytes: undefined,
  memoryAvailableBytes: undefined,
  swapTotalBytes: undefined,
  swapFreeBytes: undefined,
  networkReceiveBytes: undefined,
  networkTransmitBytes: undefined,
  diskReadBytes: undefined,
  diskWrittenBytes: undefined
}
const ALONE = { filesystems: [], container: undefined }

function names (samples: readonly Sample[]): string[] {
  return samples.map(({ name }) => name)
}

test('looks tell what the machine and this process do; rates come with the second', async (t) => {
  let now = 1_000
  const monitor = new Monitor({ clock: { now: () => now }, watch: [], mostGapMs: 15_000 })
  t.teardown(() => monitor.close())

  const first = await monitor.look()
  now += 5_000
  const second = await monitor.look()

  t.equal(monitor.latest, second)
  t.match([first.time, second.time], [1_000, 6_000])
  t.same([first.host.cpuRatio, first.self.cpuRatio], [undefined, undefined])
  t.ok((second.self.cpuRatio ?? -1) >= 0)
  t.ok((second.host.memoryUsedBytes ?? 0) > 0 && (second.host.memoryUsedBytes ?? 0) < (second.host.memoryTotalBytes ?? 0))
  t.ok(second.self.rssBytes > second.self.heapUsedBytes && second.self.heapUsedBytes > 1e6)
  t.ok((second.self.openDescriptors ?? 0) > 2)
  t.ok(names(samplesOf(second)).includes('process_cpu_percent'))
  t.notOk(names(samplesOf(first)).includes('process_cpu_percent'))
})

test('after a stretch without a look there are no rates, and then there are again', async (t) => {
  let now = 1_000
  const monitor = new Monitor({ clock: { now: () => now }, watch: [], mostGapMs: 15_000 })
  t.teardown(() => monitor.close())
  const rateAfter = async (ms: number) => {
    now += ms
    return (await monitor.look()).self.cpuRatio !== undefined
  }
  await monitor.look()

  t.same([await rateAfter(15_000), await rateAfter(15_001), await rateAfter(5_000), await rateAfter(-60_000), await rateAfter(5_000)], [true, false, true, false, true])
})

test('a deep look finds the file systems, which the next samples of the host go with', async (t) => {
  const monitor = new Monitor({ clock: { now: () => 5 }, watch: [], mostGapMs: 15_000 })
  t.teardown(() => monitor.close())

  const { time, filesystems } = await monitor.lookDeep()

  t.same((await monitor.look()).host.filesystems, filesystems)
  t.ok(filesystems.every(({ totalBytes }) => totalBytes > 0))
  for (const { value } of filesystemSamples(time, filesystems)) t.ok(value >= 0 && value <= 100)
})

test('what is not known has no figure and no sample, never 0', async (t) => {
  const host = hostFigures(NOTHING, NOTHING, ALONE)
  const self = { cpuRatio: undefined, rssBytes: 1, heapUsedBytes: 1, eventLoopLagMs: undefined, openDescriptors: undefined }
  const rates = { networkReceive: undefined, networkTransmit: undefined, diskRead: undefined, diskWrite: undefined }

  t.match(host, { cpuRatio: undefined, memoryUsedBytes: undefined, swapUsedBytes: undefined, container: undefined })
  t.same(names(samplesOf({ time: 1, host, self, watched: [], rates })).filter((name) => name !== 'host_load1'), ['process_rss_bytes', 'process_heap_bytes'])
})

test('CPU is the busy share of the time of all cores, and a machine without swap has no per cent of it', async (t) => {
  const before = { ...NOTHING, cpuBusySeconds: 10, cpuSeconds: 100 }
  const now = { ...NOTHING, cpuBusySeconds: 13, cpuSeconds: 110, swapTotalBytes: 0, swapFreeBytes: 0 }
  const self = { cpuRatio: 0.5, rssBytes: 1, heapUsedBytes: 1, eventLoopLagMs: 0, openDescriptors: 3 }
  const rates = { networkReceive: 0, networkTransmit: 0, diskRead: 0, diskWrite: 0 }
  const container = { cpuRatioOfLimit: 0.9, memoryUsedBytes: 30, memoryLimitBytes: 40 }

  const host = hostFigures(now, before, { filesystems: [], container })
  const samples = samplesOf({ time: 1, host, self, watched: [{ name: 'x', pids: [1, 2], cpuRatio: 1.5, rssBytes: 9 }], rates })

  t.equal(host.cpuRatio, 0.3)
  const values = Object.fromEntries(samples.map(({ name, value }) => [name, value]))
  t.match(values, { host_cpu_percent: 30, container_cpu_percent: 90, container_memory_percent: 75, process_cpu_percent: 50, watched_cpu_percent: 150, watched_processes: 2 })
  t.notOk('host_swap_percent' in values)
})

test('a watched name without a process has the count 0, and nothing else', async (t) => {
  const host = hostFigures(NOTHING, NOTHING, ALONE)
  const self = { cpuRatio: undefined, rssBytes: 1, heapUsedBytes: 1, eventLoopLagMs: undefined, openDescriptors: undefined }
  const rates = { networkReceive: undefined, networkTransmit: undefined, diskRead: undefined, diskWrite: undefined }

  const samples = samplesOf({ time: 7, host, self, rates, watched: [{ name: 'x', pids: [], cpuRatio: undefined, rssBytes: 0 }] })

  t.same(samples.filter(({ labels }) => labels['name'] === 'x'), [{ name: 'watched_processes', labels: { name: 'x' }, value: 0, time: 7 }])
})

test('a file system is as full as it is for programs: what is kept for root counts as used up', async (t) => {
  t.same(filesystemSamples(1, [{ mount: '/', usedBytes: 75, availableBytes: 25, totalBytes: 110 }]),
    [{ name: 'host_filesystem_percent', labels: { mount: '/' }, value: 75, time: 1 }])
})

test('where there is no /proc, the figures are of the same kind', async (t) => {
  const [here, there] = [await readHost(), await readPortable()]

  t.equal(there.memoryTotalBytes, here.memoryTotalBytes)
  t.ok((there.cpuSeconds ?? 0) > 0 && (there.cpuSeconds ?? 0) < (here.cpuSeconds ?? 0) * 1.1, `${there.cpuSeconds} s of CPU against ${here.cpuSeconds} s`)
  t.ok((there.cpuBusySeconds ?? -1) > 0)
})
