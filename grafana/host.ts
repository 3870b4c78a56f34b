import { BytesIEC, BytesPerSecondIEC, DurationSeconds, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import type { Layout } from './dashboard.ts'
import { graph, stat, type Limits } from './panel.ts'
import { max, of, rate, sum } from './query.ts'

const CPU: Limits = { warning: 0.8, critical: 0.95 }
const MEMORY: Limits = { warning: 0.85, critical: 0.95 }
const DISK: Limits = { warning: 0.85, critical: 0.95 }
const LOAD: Limits = { warning: 1, critical: 2 }

/** Gives series of Bellwether's own process the label that watched processes have. */
const itself = (expr: string) => `label_replace(${expr}, "name", "bellwether", "", "")`

export const host: Layout = {
  name: 'host',
  title: 'Host',
  description: 'The machine that Bellwether runs on, and the processes that it watches there.',
  rows: {
    'At a glance': [
      stat({
        title: 'CPU',
        description: 'Share of all cores that is busy, of the busiest host.',
        unit: PercentUnit,
        limits: CPU,
        queries: { cpu: max(of('host_cpu_usage_ratio')) }
      }),
      stat({
        title: 'Memory',
        description: 'Share that is used and could not be freed at once, of the fullest host.',
        unit: PercentUnit,
        limits: MEMORY,
        queries: { memory: max(of('instance:host_memory_used:ratio')) }
      }),
      stat({
        title: 'Load per core',
        description: 'Processes that run or wait, over a minute, for each core. Above 1 some wait.',
        unit: Short,
        limits: LOAD,
        queries: { load: max(of('instance:host_load1_per_cpu:ratio')) }
      }),
      stat({
        title: 'Fullest disk',
        description: 'Share that is used of the fullest filesystem.',
        unit: PercentUnit,
        limits: DISK,
        queries: { disk: max(of('instance_mount:host_filesystem_used:ratio')) }
      }),
      stat({
        title: 'Cores',
        description: 'Of all chosen hosts.',
        unit: Short,
        queries: { cores: sum(of('host_cpus')) }
      }),
      stat({
        title: 'Up for',
        description: 'Since the latest boot of a host.',
        unit: DurationSeconds,
        queries: { uptime: `min(${of('host_uptime_seconds')})` }
      })
    ],
    'CPU and memory': [
      graph({
        title: 'CPU',
        description: 'Share of all cores that is busy. The dashed lines are the limits of the alerts.',
        unit: PercentUnit,
        most: 1,
        limits: CPU,
        queries: { '{{instance}}': of('host_cpu_usage_ratio') }
      }),
      graph({
        title: 'Load',
        description: 'Processes that run or wait, over 1, 5 and 15 minutes. Above the number of cores some wait.',
        unit: Short,
        queries: {
          '1 min {{instance}}': of('host_load1'),
          '5 min {{instance}}': of('host_load5'),
          '15 min {{instance}}': of('host_load15'),
          'cores {{instance}}': of('host_cpus')
        }
      }),
      graph({
        title: 'Memory',
        description: 'Used is what could not be freed at once; available is what new work could have, caches among it.',
        unit: BytesIEC,
        queries: {
          'used {{instance}}': of('host_memory_used_bytes'),
          'available {{instance}}': of('host_memory_available_bytes'),
          'total {{instance}}': of('host_memory_total_bytes')
        }
      }),
      graph({
        title: 'Swap',
        description: 'Memory that was moved to disk. A little that stays is harmless, a lot that grows is slow.',
        unit: BytesIEC,
        queries: { 'used {{instance}}': of('host_swap_used_bytes'), 'total {{instance}}': of('host_swap_total_bytes') }
      })
    ],
    'Disk and network': [
      graph({
        title: 'Filesystems',
        description: 'Share that is used, by mount.',
        unit: PercentUnit,
        most: 1,
        limits: DISK,
        queries: { '{{mount}} {{instance}}': of('instance_mount:host_filesystem_used:ratio') }
      }),
      graph({
        title: 'Free space',
        description: 'What is left, by mount.',
        unit: BytesIEC,
        queries: { '{{mount}} {{instance}}': `${of('host_filesystem_size_bytes')} - ${of('host_filesystem_used_bytes')}` }
      }),
      graph({
        title: 'Disk traffic',
        description: 'Read from and written to all disks.',
        unit: BytesPerSecondIEC,
        queries: { 'read {{instance}}': rate('host_disk_read_bytes_total'), 'written {{instance}}': rate('host_disk_written_bytes_total') }
      }),
      graph({
        title: 'Network traffic',
        description: 'Received and sent on all interfaces but loopback. In a container: on its own.',
        unit: BytesPerSecondIEC,
        queries: { 'received {{instance}}': rate('host_network_receive_bytes_total'), 'sent {{instance}}': rate('host_network_transmit_bytes_total') }
      })
    ],
    'Container and watched processes': [
      graph({
        title: 'CPU of its limit',
        description: 'Share of what the container may use; where it has no limit, of the host.',
        unit: PercentUnit,
        limits: CPU,
        queries: { '{{instance}}': `${of('container_cpu_limit_usage_ratio')} or ${of('host_cpu_usage_ratio')}` }
      }),
      graph({
        title: 'Memory of its limit',
        description: 'Share of what the container may use, caches left out; where it has no limit, of the host. At 1 processes are killed.',
        unit: PercentUnit,
        limits: MEMORY,
        queries: {
          '{{instance}}': `${of('container_memory_used_bytes')} / ${of('container_memory_limit_bytes')} or ${of('instance:host_memory_used:ratio')}`
        }
      }),
      graph({
        title: 'CPU of watched processes',
        description: 'Seconds of CPU in a second, all processes of a name together: 1 is one core. WATCH_PROCESSES names them; Bellwether itself is beside them.',
        unit: Short,
        width: 8,
        queries: { '{{name}} {{instance}}': `${of('process_watched_cpu_ratio')} or ${itself(rate('process_cpu_seconds_total'))}` }
      }),
      graph({
        title: 'Memory of watched processes',
        description: 'Resident, all processes of a name together, and Bellwether itself.',
        unit: BytesIEC,
        width: 8,
        queries: { '{{name}} {{instance}}': `${of('process_watched_resident_bytes')} or ${itself(of('process_resident_memory_bytes'))}` }
      }),
      graph({
        title: 'Number of watched processes',
        description: 'How many processes of each name run, Bellwether itself among them. 0 is one that is gone.',
        unit: Short,
        width: 8,
        queries: { '{{name}} {{instance}}': `${of('process_watched_instances')} or ${itself(of('up'))}` }
      }),
      graph({
        title: 'Cost of sampling',
        description: 'CPU that taking these figures costs: 0.01 is one per cent of a core.',
        unit: PercentUnit,
        width: 24,
        queries: { 'CPU {{instance}}': rate('bellwether_sampling_seconds_sum', 'clock="cpu"') }
      })
    ]
  }
}
