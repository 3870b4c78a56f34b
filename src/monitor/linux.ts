import { join } from 'node:path'
import { readText } from './files.ts'
import type { HostTotals } from './host-totals.ts'

const KIB = 1_024
/** Linux counts so, whatever the disk's own sectors are (Documentation/admin-guide/iostats.rst). */
const SECTOR_BYTES = 512
/** The CPU times of /proc are in these, on every architecture that Node runs on (sysconf(3), _SC_CLK_TCK). */
export const TICKS_PER_SECOND = 100
/** What carries packets a second time: loopback, bridges, tunnels to containers, VLANs of another interface. */
const INNER_INTERFACE = /^(lo|veth|docker|br-|virbr|cni|flannel|cali|vnet|tap|tun|wg|ifb|dummy)|\./
const INNER_DISK = /^(loop|ram|zram|dm-|md|sr|fd)\d/

/** Reads the files below /proc: systeminformation starts processes for the same figures. */
export function readLinux (root = '/proc'): HostTotals {
  return {
    ...cpuTimes(readText(join(root, 'stat')) ?? ''),
    ...memory(readText(join(root, 'meminfo')) ?? ''),
    ...network(readText(join(root, 'net/dev')) ?? ''),
    ...disks(readText(join(root, 'diskstats')) ?? '')
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

function memory (meminfo: string): Pick<HostTotals, 'memoryTotalBytes' | 'memoryAvailableBytes' | 'swapTotalBytes' | 'swapFreeBytes'> {
  const bytes = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1]
    return kib === undefined ? undefined : Number(kib) * KIB
  }
  return {
    memoryTotalBytes: bytes('MemTotal'),
    memoryAvailableBytes: bytes('MemAvailable'),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree')
  }
}

function network (dev: string): Pick<HostTotals, 'networkReceiveBytes' | 'networkTransmitBytes'> {
  const interfaces = [...dev.matchAll(/^ *(\S+): *(.+)$/gm)]
    .filter(([, name = '']) => !INNER_INTERFACE.test(name))
    .map(([, , counts = '']) => counts.trim().split(/ +/).map(Number))
  return { networkReceiveBytes: sumOf(interfaces, 0), networkTransmitBytes: sumOf(interfaces, 8) }
}

function disks (diskstats: string): Pick<HostTotals, 'diskReadBytes' | 'diskWrittenBytes'> {
  const lines = diskstats.split('\n').map((line) => line.trim().split(/ +/)).filter(([, , name]) => name !== undefined)
  const names = lines.map(([, , name = '']) => name)
  const whole = lines
    .filter(([, , name = '']) => !INNER_DISK.test(name) && !isPartition(name, names))
    .map((fields) => fields.slice(3).map((count) => Number(count) * SECTOR_BYTES))
  return { diskReadBytes: sumOf(whole, 2), diskWrittenBytes: sumOf(whole, 6) }
}

/** `sda1` is a part of `sda`, `nvme0n1p2` one of `nvme0n1`. */
function isPartition (name: string, names: readonly string[]): boolean {
  return names.some((disk) => name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length)))
}

/** Undefined when there is nothing to sum up. */
function sumOf (rows: ReadonlyArray<readonly number[]>, at: number): number | undefined {
  return rows.length === 0 ? undefined : rows.reduce((sum, row) => sum + (row[at] ?? 0), 0)
}
