import { cpus } from 'node:os'
import type { HostTotals } from './host-totals.ts'

/** The same figures where there is no /proc, macOS for one. */
export async function readPortable (): Promise<HostTotals> {
  const { fsStats, mem, networkStats } = await import('systeminformation')
  const [memory, interfaces, disks] = await Promise.all([mem(), networkStats(), fsStats()])
  return {
    ...cpuTimes(),
    memoryTotalBytes: memory.total,
    memoryAvailableBytes: memory.available,
    swapTotalBytes: memory.swaptotal,
    swapFreeBytes: memory.swapfree,
    networkReceiveBytes: known(interfaces[0]?.rx_bytes),
    networkTransmitBytes: known(interfaces[0]?.tx_bytes),
    diskReadBytes: known(disks?.rx),
    diskWrittenBytes: known(disks?.wx)
  }
}

function cpuTimes (): Pick<HostTotals, 'cpuBusySeconds' | 'cpuSeconds'> {
  let busy = 0
  let all = 0
  for (const { times: { user, nice, sys, idle, irq } } of cpus()) {
    busy += (user + nice + sys + irq) / 1_000
    all += (user + nice + sys + irq + idle) / 1_000
  }
  return { cpuBusySeconds: busy, cpuSeconds: all }
}

/** The package answers null, or nothing at all, for what it cannot find. */
function known (value: number | null | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
