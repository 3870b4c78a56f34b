import { randomUUID } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { AppError } from '../core/errors.ts'
import { compileGraph } from '../pipeline/graph.ts'
import { graphHints } from '../pipeline/hints.ts'
import type { RunJob, RunLook } from '../pipeline/run/job.ts'
import { STANDARD_OUTPUT } from '../pipeline/run/output.ts'
import { RunHandle, type RunEnd } from '../pipeline/run/run-handle.ts'
import { EXIT } from './command.ts'
import { DEFAULT_PIPELINE, readPipelineFile } from './pipeline-file.ts'
import { sampleFile } from './pipeline-sample.ts'
import { readRunFlags, type RunFlags } from './pipeline-flags.ts'
import { RunDashboard } from './pipeline-dashboard.ts'
import { RunProgress, summaryText } from './pipeline-progress.ts'

const NOWHERE = '/dev/null'
/** 128 and the number of the signal, as shells have it. */
const BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

/** Runs a pipeline over files; returns the exit code. Throws UsageError and ConfigurationError. */
export async function runPipeline (args: readonly string[]): Promise<number> {
  const given = readRunFlags(args)
  if (given === undefined) return EXIT.done
  const config = given.config === undefined ? DEFAULT_PIPELINE : readPipelineFile(given.config)
  const { nodes } = compileGraph(config)
  if (!given.quiet) for (const hint of graphHints(nodes)) process.stderr.write(`hint: ${hint}\n`)
  const sample = given.files.length === 0 ? sampleFile() : undefined
  const flags = sample === undefined ? given : { ...given, files: [sample.path], output: NOWHERE, deadLetters: undefined, quiet: true }
  const job = jobOf(flags, config, sample?.notes)
  const run = new RunHandle(job)
  const stopped = stopOnSignal(run)
  const dashboard = flags.dashboardPort === undefined ? undefined : await RunDashboard.open(job.runId, run, flags.dashboardPort)
  const progress = new RunProgress()
  if (!flags.quiet) run.onLook((look) => { progress.show(look) })
  const end = await run.ended
  progress.clear()
  sample?.remove()
  const code = concluded(end, flags, stopped.signal)
  if (dashboard === undefined) return code
  if (stopped.signal === undefined) await dashboard.waited(stopped.came)
  await dashboard.close()
  return code
}

function jobOf (flags: RunFlags, config: unknown, notes: readonly string[] = []): RunJob {
  const { files, output, trace, traceEvery, follow, resume, deadLetters, encoding, longestLine, send } = flags
  return { runId: randomUUID().slice(0, 8), files, output, config, trace, traceEvery, follow, resume, deadLetters, encoding, longestLine, send, notes }
}

type Signal = keyof typeof BY_SIGNAL

interface Stopped {
  /** The one that came. */
  signal: Signal | undefined
  came: Promise<void>
}

/** The first signal has the run end well, the second ends at once. */
function stopOnSignal (run: RunHandle): Stopped {
  const { promise: came, resolve } = Promise.withResolvers<void>()
  const stopped: Stopped = { signal: undefined, came }
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopped.signal !== undefined) process.exit(BY_SIGNAL[name])
      stopped.signal = name
      if ((run.latest?.run.ended_at ?? null) === null) process.stderr.write(`\n${name}: writing what is done; once more ends at once\n`)
      run.stop()
      resolve()
    })
  }
  return stopped
}

function concluded ({ look, isReaderGone }: RunEnd, flags: RunFlags, signal: Signal | undefined): number {
  if (flags.saveMetrics !== undefined) saveMetrics(flags.saveMetrics, look)
  const { run, system } = look
  if (run.error !== null) {
    const hint = flags.output === STANDARD_OUTPUT || run.lines_in === 0 ? '' : `\n${run.lines_in} lines were read; --resume goes on from the last checkpoint`
    process.stderr.write(`bellwether: ${run.error}${hint}\n`)
    return EXIT.failed
  }
  if (!isReaderGone) tell(look, flags)
  if (signal !== undefined) return BY_SIGNAL[signal]
  return flags.failOnErrors && system.total_errors > 0 ? EXIT.recordErrors : EXIT.done
}

function tell (look: RunLook, { json, quiet, output, deadLetters }: RunFlags): void {
  const { run, processors, system } = look
  if (json) (output === STANDARD_OUTPUT ? process.stderr : process.stdout).write(`${JSON.stringify({ processors, system, run })}\n`)
  if (json || quiet) return
  process.stderr.write(`${summaryText(look)}\n`)
  if (system.total_errors > 0 && deadLetters !== undefined) process.stderr.write(`lines that were errors: ${deadLetters}\n`)
}

/** There is always a whole file. */
function saveMetrics (path: string, { processors, system, run }: RunLook): void {
  const draft = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(draft, `${JSON.stringify({ processors, system, run }, null, 2)}\n`)
    renameSync(draft, path)
  } catch (error) {
    throw new AppError('invalid', `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
