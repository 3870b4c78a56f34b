import { join } from 'node:path'
import { test, type Test } from 'tap'
import { readContainer } from '../../src/monitor/container.ts'
import { testFolder } from '../support/test-folder.ts'

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
