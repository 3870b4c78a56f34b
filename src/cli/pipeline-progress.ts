import type { RunLook } from '../pipeline/run/job.ts'

const BAR_LETTERS = 24
const LINE_EVERY_MS = 10_000

/** Shows on the other stream how far a run is: a bar on a terminal, elsewhere a line each 10 s. */
export class RunProgress {
  readonly #isTerminal = process.stderr.isTTY === true
  #lineAt = Date.now()
  #isDrawn = false

  show (look: RunLook): void {
    if (this.#isTerminal) {
      process.stderr.write(`\r\u001b[K${progressText(look, true)}`)
      this.#isDrawn = true
    } else if (Date.now() - this.#lineAt >= LINE_EVERY_MS) {
      this.#lineAt = Date.now()
      process.stderr.write(`${progressText(look, false)}\n`)
    }
  }

  clear (): void {
    if (this.#isDrawn) process.stderr.write('\r\u001b[K')
    this.#isDrawn = false
  }
}

function progressText ({ run, system }: RunLook, hasBar: boolean): string {
  const share = run.total_bytes === null || run.total_bytes === 0 ? undefined : Math.min(1, run.read_bytes / run.total_bytes)
  const left = share === undefined || share === 0 ? undefined : run.elapsed_ms * (1 - share) / share
  const bar = share === undefined || !hasBar ? [] : [`[${'#'.repeat(Math.round(share * BAR_LETTERS)).padEnd(BAR_LETTERS, '.')}]`]
  return [
    ...bar,
    ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`]),
    `${grouped(system.total_lines)} lines`,
    `${grouped(Math.round(run.lines_per_second))} lines/s`,
    `${grouped(system.total_errors)} errors`,
    ...(left === undefined ? [] : [`${duration(left)} left`])
  ].join('  ')
}

/** The table at the end of a run, its slowest step marked. */
export function summaryText ({ run, processors, system }: RunLook): string {
  const entries = Object.entries(processors)
  const slowest = Math.max(...entries.map(([, stats]) => stats.processing_time_ms))
  const heads = ['processor', 'in', 'out', 'dropped', 'errors', 'ms', 'us/line', '']
  const rows = entries.map(([id, stats]) => [
    id,
    grouped(stats.lines_in),
    grouped(stats.lines_out),
    grouped(stats.dropped),
    grouped(stats.errors),
    stats.processing_time_ms.toFixed(1),
    (stats.processing_time_ms * 1000 / Math.max(1, stats.lines_in)).toFixed(2),
    stats.processing_time_ms === slowest && slowest > 0 ? '<- slowest' : ''
  ])
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string => cells.map((cell, at) => at === 0 || at === heads.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)).join('  ').trimEnd()
  return [
    line(heads),
    ...rows.map(line),
    `${grouped(run.lines_in)} lines in, ${grouped(run.lines_out)} out, ${grouped(system.total_errors)} errors, in ${duration(run.elapsed_ms)}: ${grouped(Math.round(run.lines_in / Math.max(0.001, run.elapsed_ms / 1000)))} lines/s`,
    ...entries.filter(([, { lines_in: taken, dropped }]) => taken > 0 && taken === dropped).map(([id]) => `note: ${id} dropped every line that it met`),
    ...run.notes.map((note) => `note: ${note}`)
  ].join('\n')
}

function grouped (number: number): string {
  return number.toLocaleString('en-US')
}

function duration (ms: number): string {
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return seconds < 3_600 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : `${Math.floor(seconds / 3_600)} h ${Math.round(seconds % 3_600 / 60)} min`
}
