import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test, type Test } from 'tap'
import type { Sample } from '../../schemas/sample.ts'
import { BusiestProcesses } from '../../src/monitor/busiest.ts'
import { hostFigures, readHost } from '../../src/monitor/host.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { readPortable } from '../../src/monitor/portable.ts'
import { listLinux, listProcesses } from '../../src/monitor/process-list.ts'
import { filesystemSamples, samplesOf } from '../../src/monitor/samples.ts'
import { usageOf } from '../../src/monitor/usage.ts'
import { WatchedProcesses } from '../../src/monitor/watched.ts'
import { testFolder } from '../support/test-folder.ts'

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

const BURN = 'for (;;) {}'
/** With several threads it gets its share whatever else the machine does. */
const BURN_MUCH = 'for (let n = 0; n < 5; n++) new (require("node:worker_threads").Worker)("for (;;) {}", { eval: true })'
const WAIT = 'setInterval(() => {}, 1000)'
const NOBODY = 4_194_303

/** A child process that runs a script, under a name of its own; it ends with the test. */
async function child (t: Test, script: string, name = 'bellwether-test'): Promise<{ pid: number, end: () => Promise<void>, process: ChildProcess }> {
  const process = spawn(globalThis.process.execPath, ['-e', script, 'a-secret-argument'], { stdio: 'ignore', argv0: name })
  await once(process, 'spawn')
  const end = async (): Promise<void> => {
    if (process.exitCode !== null || process.signalCode !== null) return
    const ended = once(process, 'exit')
    process.kill('SIGKILL')
    await ended
  }
  t.teardown(end)
  return { pid: process.pid ?? 0, end, process }
}

/** Waits until a process has used so much CPU. */
async function untilUsed (pid: number, cpuSeconds: number): Promise<void> {
  const deadline = performance.now() + 30_000
  while (((await usageOf([pid])).get(pid)?.cpuSeconds ?? 0) < cpuSeconds) {
    if (performance.now() > deadline) throw new Error(`process ${pid} did not use ${cpuSeconds} s`)
  }
}

test('a process that burns CPU is among the busiest, by its name and without its arguments', async (t) => {
  let now = 0
  const busiest = new BusiestProcesses({ now: () => now })
  const { pid } = await child(t, BURN_MUCH)

  t.same(await busiest.look(), [], 'one look says nothing')
  await untilUsed(pid, 1)
  now += 1_000
  const found = await busiest.look()

  t.ok(found.length <= 5)
  const ours = found.find((one) => one.pid === pid)
  t.match(ours, { name: 'bellwether-test', parent: { pid: process.pid, name: 'node' } })
  const ranMs = now - (ours?.startedAt ?? NaN)
  t.ok(ranMs > 0 && ranMs < 120_000, `it ran for ${ranMs} ms`)
  t.ok((ours?.cpuPercent ?? 0) > 50, `${ours?.cpuPercent} %`)
  t.ok((ours?.rssBytes ?? 0) > 1e6)
  t.notMatch(JSON.stringify(found), /secret/)
  now += 999
  t.equal(await busiest.look(), found, 'what is so fresh is not looked at again')
})

test('a process that began a moment ago counts over its own time, not over all the time since the look before', async (t) => {
  let now = 0
  const busiest = new BusiestProcesses({ now: () => now })
  await busiest.look()
  const { pid } = await child(t, BURN_MUCH)
  await untilUsed(pid, 1)

  now += 3_600_000
  const ours = (await busiest.look()).find((one) => one.pid === pid)

  // It would be 0.03 % of the hour.
  t.ok((ours?.cpuPercent ?? 0) > 1, `${ours?.cpuPercent} %`)
})

test('watched processes are found by pid and by name, and added up', async (t) => {
  const [burning, waiting] = [await child(t, BURN, 'bellwether-pair'), await child(t, WAIT, '/opt/x/bellwether-pair')]
  const watched = new WatchedProcesses(['bellwether-pair', String(burning.pid), 'bellwether-none'])

  const [first] = await watched.look(undefined)
  await untilUsed(burning.pid, 0.5)
  const [pair, alone, none] = await watched.look(1)

  t.match(first, { name: 'bellwether-pair', cpuRatio: undefined })
  t.same(new Set(pair?.pids), new Set([burning.pid, waiting.pid]))
  t.ok((pair?.cpuRatio ?? 0) > 0.1, `${pair?.cpuRatio}`)
  t.ok((pair?.rssBytes ?? 0) > (alone?.rssBytes ?? 0))
  t.match(alone, { name: String(burning.pid), pids: [burning.pid] })
  t.same(none, { name: 'bellwether-none', pids: [], rssBytes: 0, cpuRatio: undefined })
})

test('a process that ends is gone at the next look, and found again by its name when it begins anew', async (t) => {
  const first = await child(t, WAIT, 'bellwether-again')
  const watched = new WatchedProcesses(['bellwether-again', String(first.pid)])
  await watched.look(undefined)

  await first.end()
  const gone = await watched.look(1)
  const second = await child(t, WAIT, 'bellwether-again')
  const again = await watched.look(1)

  t.same(gone.map(({ pids, rssBytes, cpuRatio }) => [pids, rssBytes, cpuRatio]), [[[], 0, undefined], [[], 0, undefined]])
  t.same(again.map(({ pids }) => pids), [[second.pid], []])
  t.equal(again[0]?.cpuRatio, undefined, 'what the first one used is not held against it')
})

test('what nobody may look at, or is no process, is left out', async (t) => {
  t.same([...(await usageOf([NOBODY])).keys()], [])
  t.same([...(await usageOf([NOBODY, process.pid])).keys()], [process.pid])
  t.equal((await usageOf([])).size, 0)
})

test('the machine lists this process', async (t) => {
  const ours = (await listProcesses()).find(({ pid }) => pid === process.pid)

  t.match(ours, { names: ['node'] })
})

test('names with brackets and blanks, titles with arguments, kernel threads and half processes are read right', async (t) => {
  const stat = (name: string) => `7 (${name}) S 1 7 7 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 12345 0 0`
  const proc = testFolder(t, {
    1: { stat: stat('odd ) (x'), cmdline: '/usr/sbin/odd --password=x\0' },
    2: { stat: stat('kworker/0:1'), cmdline: '' },
    3: { stat: stat('postgres'), cmdline: 'postgres: ann shop 10.0.0.7\0' },
    4: { stat: stat('bash'), cmdline: '-bash\0' },
    5: { stat: '', cmdline: '' },
    6: {},
    uptime: '200.00 1.00'
  })

  const listed = await listLinux(proc)

  t.same(listed.map(({ names }) => names).sort(), [['bash'], ['kworker/0:1'], ['odd', 'odd ) (x'], ['postgres']])
  t.same(listed.find(({ pid }) => pid === 2), { pid: 2, parentPid: 1, ageSeconds: 200 - 123.45, key: '2 12345', names: ['kworker/0:1'], cpu: { seconds: 2 } })
})
