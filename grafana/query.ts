/** PromQL of the dashboards. `$job`, `$instance` and `$__rate_interval` are filled in by Grafana. */
const CHOSEN = ['job=~"$job"', 'instance=~"$instance"']

/** The series of a metric that belong to the chosen instances: `of('up')`, `of('host_load1', 'mount="/"')`. */
export function of (metric: string, ...matchers: string[]): string {
  return `${metric}{${[...CHOSEN, ...matchers].join(', ')}}`
}

/** How much a counter rises in a second. */
export function rate (metric: string, ...matchers: string[]): string {
  return `rate(${of(metric, ...matchers)}[$__rate_interval])`
}

/** Adds up what has the same values of `labels`; without labels everything. */
export function sum (expr: string, ...labels: string[]): string {
  return together('sum', expr, labels)
}

/** The largest of what has the same values of `labels`; without labels of everything. */
export function max (expr: string, ...labels: string[]): string {
  return together('max', expr, labels)
}

/** The value in seconds or bytes under which the share `p` of a histogram's observations lies. NaN where none were made. */
export function quantile (p: number, histogram: string, ...labels: string[]): string {
  return `histogram_quantile(${p}, ${sum(rate(`${histogram}_bucket`), 'le', ...labels)})`
}

function together (how: string, expr: string, labels: string[]): string {
  return labels.length === 0 ? `${how}(${expr})` : `${how} by (${labels.join(', ')}) (${expr})`
}
