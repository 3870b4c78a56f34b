import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { test, type Test } from 'tap'
import { BusiestProcesses } from '../../src/monitor/busiest.ts'
import { listLinux, listProcesses } from '../../src/monitor/process-list.ts'
import { usageOf } from '../../src/monitor/usage.ts'
import { WatchedProcesses } from '../../src/monitor/watched.ts'
import { testFolder } from '../support/test-folder.ts'

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
