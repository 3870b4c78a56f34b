import { availableParallelism, loadavg, platform, uptime } from 'node:os'
import type { ContainerFigures, Filesystem, HostFigures } from '../../schemas/host.ts'
import type { HostTotals } from './host-totals.ts'
import { readLinux } from './linux.ts'
import { readPortable } from './portable.ts'
import { growth } from './rates.ts'

/** The cheap figures; on Linux without a wait and without another process. */
export async function readHost (): Promise<HostTotals> {
  return platform() === 'linux' ? readLinux() : readPortable()
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
