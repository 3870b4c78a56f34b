import type { Filesystem, Snapshot } from '../../schemas/host.ts'
import type { Labels, Sample } from '../../schemas/sample.ts'
import { percentOf } from './rates.ts'

type Figure = [name: string, value: number | undefined, labels?: Labels]

/** The samples of a look. What is not known makes none. */
export function samplesOf ({ time, host, self, watched, rates }: Snapshot): Sample[] {
  const used = host.container
  return known(time, [
    ['host_cpu_percent', percentOf(host.cpuRatio, 1)],
    ['host_memory_percent', percentOf(host.memoryUsedBytes, host.memoryTotalBytes)],
    ['host_swap_percent', percentOf(host.swapUsedBytes, host.swapTotalBytes)],
    ['host_load1', host.loadAverage1],
    ['host_network_receive_bytes_per_second', rates.networkReceive],
    ['host_network_transmit_bytes_per_second', rates.networkTransmit],
    ['host_disk_read_bytes_per_second', rates.diskRead],
    ['host_disk_write_bytes_per_second', rates.diskWrite],
    ['container_cpu_percent', percentOf(used?.cpuRatioOfLimit, 1)],
    ['container_memory_percent', percentOf(used?.memoryUsedBytes, used?.memoryLimitBytes)],
    ['process_cpu_percent', percentOf(self.cpuRatio, 1)],
    ['process_rss_bytes', self.rssBytes],
    ['process_heap_bytes', self.heapUsedBytes],
    ['process_event_loop_lag_ms', self.eventLoopLagMs],
    ['process_open_fds', self.openDescriptors],
    ...watched.flatMap(({ name, pids, cpuRatio, rssBytes }): Figure[] => [
      ['watched_processes', pids.length, { name }],
      ['watched_cpu_percent', percentOf(cpuRatio, 1), { name }],
      ['watched_rss_bytes', pids.length === 0 ? undefined : rssBytes, { name }]
    ])
  ])
}

/** Per cent of what programs may use, as `df` shows it. */
export function filesystemSamples (time: number, filesystems: readonly Filesystem[]): Sample[] {
  return known(time, filesystems.map(({ mount, usedBytes, availableBytes }) => (
    ['host_filesystem_percent', percentOf(usedBytes, usedBytes + availableBytes), { mount }])))
}

function known (time: number, figures: readonly Figure[]): Sample[] {
  return figures.flatMap(([name, value, labels = {}]) => value === undefined || !Number.isFinite(value) ? [] : [{ name, labels, value, time }])
}
