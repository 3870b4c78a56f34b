import { availableParallelism, loadavg, platform, uptime } from 'node:os'
import { fsSize } from 'systeminformation'
import type { ContainerFigures, Filesystem, HostFigures } from '../../schemas/host.ts'
import type { HostTotals } from './host-totals.ts'
import { readLinux } from './linux.ts'
import { readPortable } from './portable.ts'
import { growth } from './rates.ts'

/** Names that container engines lay over single files of /etc. */
const MOUNTED_FILE = /^\/etc\//

/** The cheap figures; on Linux without a wait and without another process. */
export async function readHost (): Promise<HostTotals> {
  return platform() === 'linux' ? readLinux() : readPortable()
}

/** The file systems that hold data. Dear: it starts `df` or its like. */
export async function readFilesystems (): Promise<Filesystem[]> {
  const all = await fsSize()
  return all
    .filter(({ mount, size }) => size > 0 && !MOUNTED_FILE.test(mount))
    .map(({ mount, size, used, available }) => ({ mount, usedBytes: used, availableBytes: available, totalBytes: size }))
}

/** `before` are the totals to compare with, none where no rate may be drawn. */
export function hostFigures (
  totals: HostTotals, before: HostTotals | undefined, parts: { filesystems: readonly Filesystem[], container: ContainerFigures | undefined }
): HostFigures {
  const busy = growth(before?.cpuBusySeconds, totals.cpuBusySeconds)
  const all = growth(before?.cpuSeconds, totals.cpuSeconds)
  const [load1, load5, load15] = platform() === 'win32' ? [] : loadavg()
  return {
    cpuCount: availableParallelism(),
    cpuRatio: busy === undefined || all === undefined || all === 0 ? undefined : Math.min(1, busy / all),
    loadAverage1: load1,
    loadAverage5: load5,
    loadAverage15: load15,
    memoryUsedBytes: difference(totals.memoryTotalBytes, totals.memoryAvailableBytes),
    memoryAvailableBytes: totals.memoryAvailableBytes,
    memoryTotalBytes: totals.memoryTotalBytes,
    swapUsedBytes: difference(totals.swapTotalBytes, totals.swapFreeBytes),
    swapTotalBytes: totals.swapTotalBytes,
    networkReceiveBytes: totals.networkReceiveBytes,
    networkTransmitBytes: totals.networkTransmitBytes,
    diskReadBytes: totals.diskReadBytes,
    diskWrittenBytes: totals.diskWrittenBytes,
    uptimeSeconds: uptime(),
    ...parts
  }
}

function difference (whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? undefined : whole - part
}
