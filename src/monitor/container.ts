import { join } from 'node:path'
import { readCount, readText } from './files.ts'

/** What the control group of this process counts and allows; undefined is what is not limited or not told. */
export interface ContainerTotals {
  cpuSeconds: number | undefined
  /** Cores that may be used, 0.5 for half of one. */
  cpuLimit: number | undefined
  memoryUsedBytes: number | undefined
  memoryLimitBytes: number | undefined
}

export interface CgroupPlaces {
  /** Where the hierarchies are mounted. */
  root: string
  /** The file that says in which groups the process is. */
  membership: string
}

const PLACES: CgroupPlaces = { root: '/sys/fs/cgroup', membership: '/proc/self/cgroup' }
/** Version 1 says so when there is no limit: the most that fits, in whole pages. */
const UNLIMITED_BYTES = 2 ** 62

/** Reads the limits of the container that this process runs in. Undefined outside of one that has any. */
export function readContainer ({ root, membership }: CgroupPlaces = PLACES): ContainerTotals | undefined {
  const groups = readText(membership)?.split('\n') ?? []
  const totals = { ...cpu(groups, root), ...memory(groups, root) }
  return totals.cpuLimit === undefined && totals.memoryLimitBytes === undefined ? undefined : totals
}

function cpu (groups: readonly string[], root: string): Pick<ContainerTotals, 'cpuSeconds' | 'cpuLimit'> {
  const first = folderOf(groups, root, 'cpu')
  if (first === undefined) {
    const unified = unifiedFolder(groups, root)
    const [quota, period] = (readText(join(unified, 'cpu.max')) ?? '').split(' ').map(Number)
    return { cpuSeconds: scaled(field(join(unified, 'cpu.stat'), 'usage_usec'), 1e6), cpuLimit: coresOf(quota, period) }
  }
  const used = readCount(join(folderOf(groups, root, 'cpuacct') ?? first, 'cpuacct.usage'))
  return {
    cpuSeconds: scaled(used, 1e9),
    // Without a quota it holds -1, which is no count.
    cpuLimit: coresOf(readCount(join(first, 'cpu.cfs_quota_us')), readCount(join(first, 'cpu.cfs_period_us')))
  }
}

/** What the kernel gives back before it runs out, the cache of files not in use, is not counted, as `docker stats` does. */
function memory (groups: readonly string[], root: string): Pick<ContainerTotals, 'memoryUsedBytes' | 'memoryLimitBytes'> {
  const first = folderOf(groups, root, 'memory')
  const folder = first ?? unifiedFolder(groups, root)
  const names = first === undefined
    ? { used: 'memory.current', limit: 'memory.max', idle: 'inactive_file' }
    : { used: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes', idle: 'total_inactive_file' }
  const used = readCount(join(folder, names.used))
  const limit = readCount(join(folder, names.limit))
  return {
    memoryUsedBytes: used === undefined ? undefined : Math.max(0, used - (field(join(folder, 'memory.stat'), names.idle) ?? 0)),
    memoryLimitBytes: limit === undefined || limit >= UNLIMITED_BYTES ? undefined : limit
  }
}

/** The folder of a controller of version 1: lines like `4:cpu,cpuacct:/docker/0a1b`. */
function folderOf (groups: readonly string[], root: string, controller: string): string | undefined {
  for (const line of groups) {
    const [, controllers = '', path = ''] = /^\d+:([^:]+):(.*)$/.exec(line) ?? []
    if (controllers.split(',').includes(controller)) return existing(join(root, controllers), path)
  }
  return undefined
}

/** The folder of version 2: the line `0::/path`. */
function unifiedFolder (groups: readonly string[], root: string): string {
  return existing(root, groups.find((line) => line.startsWith('0::'))?.slice('0::'.length) ?? '/')
}

/** Inside of a container the path is often that of the host, while its own group is mounted as the root. */
function existing (base: string, path: string): string {
  const folder = join(base, path)
  return readText(join(folder, 'cgroup.procs')) === undefined ? base : folder
}

function field (path: string, name: string): number | undefined {
  const count = new RegExp(`^${name} (\\d+)$`, 'm').exec(readText(path) ?? '')?.[1]
  return count === undefined ? undefined : Number(count)
}

function coresOf (quota: number | undefined, period: number | undefined): number | undefined {
  if (quota === undefined || period === undefined) return undefined
  const cores = quota / period
  return Number.isFinite(cores) && cores > 0 ? cores : undefined
}

function scaled (count: number | undefined, scale: number): number | undefined {
  return count === undefined ? undefined : count / scale
}
