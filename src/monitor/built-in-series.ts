/** The series that the service measures itself. What begins as they do, and is none of them, there never is. */
export const BUILT_IN_SERIES: readonly string[] = [
  'host_cpu_percent', 'host_memory_percent', 'host_swap_percent', 'host_load1', 'host_filesystem_percent',
  'host_network_receive_bytes_per_second', 'host_network_transmit_bytes_per_second', 'host_disk_read_bytes_per_second', 'host_disk_write_bytes_per_second',
  'container_cpu_percent', 'container_memory_percent',
  'process_cpu_percent', 'process_rss_bytes', 'process_heap_bytes', 'process_event_loop_lag_ms', 'process_open_fds', 'process_sampling_cpu_percent',
  'watched_processes', 'watched_cpu_percent', 'watched_rss_bytes',
  'http_requests', 'http_latency_p50_ms', 'http_latency_p95_ms', 'http_latency_p99_ms', 'http_server_errors', 'http_requests_by_latency',
  'bellwether_channel_broken', 'bellwether_canary_ms'
]

/** What the service measures itself nobody else may write. */
export const RESERVED_SERIES = /^(host|process|watched|http|container|bellwether)_/
