import { join } from 'node:path'
import { outerInterfaces, wholeDisks } from './devices.ts'
import { readText } from './files.ts'
import type { HostTotals } from './host-totals.ts'

const KIB = 1_024
/** Linux counts so, whatever the disk's own sectors are (Documentation/admin-guide/iostats.rst). */
const SECTOR_BYTES = 512
/** The CPU times of /proc are in these, on every architecture that Node runs on (sysconf(3), _SC_CLK_TCK). */
export const TICKS_PER_SECOND = 100

/** Where the kernel tells. */
interface Places {
  proc: string
  sys: string
}

/** Reads the files of the kernel: systeminformation starts processes for the same figures. */
export function readLinux ({ proc, sys }: Places = { proc: '/proc', sys: '/sys' }): HostTotals {
  const read = (path: string): string => readText(join(proc, path)) ?? ''
  return {
    ...cpuTimes(read('stat')),
    ...memory(read('meminfo'), read('spl/kstat/zfs/arcstats')),
    ...network(read('net/dev'), sys),
    ...disks(read('diskstats'), sys)
  }
}

/** Time that was stolen by other guests is busy: it was wanted. Waiting for a disk is idle. */
function cpuTimes (stat: string): Pick<HostTotals, 'cpuBusySeconds' | 'cpuSeconds'> {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1]
  if (line === undefined) return { cpuBusySeconds: undefined, cpuSeconds: undefined }
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line.split(' ').map(Number)
  const busy = user + nice + system + irq + softIrq + steal
  return { cpuBusySeconds: busy / TICKS_PER_SECOND, cpuSeconds: (busy + idle + wait) / TICKS_PER_SECOND }
}

/** The cache of ZFS is given back as that of files is, down to its floor, and the kernel does not count it as available. */
function memory (meminfo: string, arcstats: string): Pick<HostTotals, 'memoryTotalBytes' | 'memoryAvailableBytes' | 'swapTotalBytes' | 'swapFreeBytes'> {
  const bytes = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1]
    return kib === undefined ? undefined : Number(kib) * KIB
  }
  const total = bytes('MemTotal')
  const available = bytes('MemAvailable')
  return {
    memoryTotalBytes: total,
    memoryAvailableBytes: available === undefined ? undefined : Math.min(total ?? Infinity, available + reclaimable(arcstats)),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree')
  }
}

/** Lines of OpenZFS like `size  4  1073741824`: what the cache holds over the least that it keeps. */
function reclaimable (arcstats: string): number {
  const bytes = (name: string): number => Number(new RegExp(`^${name} +\\d+ +(\\d+)$`, 'm').exec(arcstats)?.[1] ?? 0)
  return Math.max(0, bytes('size') - bytes('c_min'))
}

function network (dev: string, sys: string): Pick<HostTotals, 'networkReceiveBytes' | 'networkTransmitBytes'> {
  const counts = new Map([...dev.matchAll(/^ *(\S+): *(.+)$/gm)].map(([, name = '', line = '']) => [name, line.trim().split(/ +/).map(Number)]))
  const interfaces = outerInterfaces([...counts.keys()], sys).map((name) => counts.get(name) ?? [])
  return { networkReceiveBytes: sumOf(interfaces, 0), networkTransmitBytes: sumOf(interfaces, 8) }
}

function disks (diskstats: string, sys: string): Pick<HostTotals, 'diskReadBytes' | 'diskWrittenBytes'> {
  const lines = diskstats.split('\n').map((line) => line.trim().split(/ +/)).filter(([, , name]) => name !== undefined)
  const counts = new Map(lines.map(([, , name = '', ...fields]) => [name, fields.map((count) => Number(count) * SECTOR_BYTES)]))
  const whole = wholeDisks([...counts.keys()], sys).map((name) => counts.get(name) ?? [])
  return { diskReadBytes: sumOf(whole, 2), diskWrittenBytes: sumOf(whole, 6) }
}

/** Undefined when there is nothing to sum up. */
function sumOf (rows: ReadonlyArray<readonly number[]>, at: number): number | undefined {
  return rows.length === 0 ? undefined : rows.reduce((sum, row) => sum + (row[at] ?? 0), 0)
}
