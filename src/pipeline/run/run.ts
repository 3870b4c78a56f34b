import { AppError } from '../../core/errors.ts'
import { compileGraph } from '../graph.ts'
import { Pipeline } from '../pipeline.ts'
import type { Batch } from '../batch.ts'
import { Traces } from '../traces.ts'
import { checkpointPath, readCheckpoint, removeCheckpoint, settingsName, writeCheckpoint, type Checkpoint } from './checkpoint.ts'
import { DeadLetters } from './dead-letters.ts'
import { identified, resumption } from './identity.ts'
import type { Chunk, Position } from './input.ts'
import { STANDARD_INPUT } from './input.ts'
import type { RunDetails, RunJob, RunLook } from './job.ts'
import { LineCutter, type CutLines } from './line-cutter.ts'
import { Meter } from './meter.ts'
import { isReaderGone, openOutput, STANDARD_OUTPUT, type Output } from './output.ts'
import { readAll } from './reading.ts'
import { LineSender } from './sending.ts'

const CHECKPOINT_MS = 1_000
/** The thread hears what it is asked between two pieces of so many ms. */
const BREATH_MS = 20
/** Lines that are no text, and lines that are too long, are errors of what reads them. */
const READER = 'input'

/** One pass of a pipeline over files: reads, runs, writes, and keeps a checkpoint from which another run can go on. */
export class Run {
  readonly #job: RunJob
  readonly #stopping = new AbortController()
  readonly #pipeline: Pipeline
  readonly #meter: Meter
  readonly #cutter: LineCutter
  #deadLetters: DeadLetters | undefined
  #output: Output | undefined
  #sender: LineSender | undefined
  #sent = { name: '', lines: 0 }
  #nextLine = 1
  #readerErrors = 0
  #checkpointAt = 0
  isReaderGone = false

  /** Throws `invalid` with every fault of the configuration. */
  constructor (job: RunJob) {
    this.#job = job
    this.#pipeline = new Pipeline(compileGraph(job.config), {
      traces: new Traces({ mode: job.trace, every: job.traceEvery, runId: job.runId }),
      now: Date.now,
      onDeadLetter: (letter) => { this.#deadLetters?.add(letter) }
    })
    this.#meter = new Meter(job)
    this.#cutter = new LineCutter({ encoding: job.encoding, longest: job.longestLine })
  }

  /** Ends the run after the lines that it has; what is written is whole, and another run may go on. */
  stop (): void {
    this.#stopping.abort()
  }

  look (): RunLook {
    return this.#meter.look({ pipeline: this.#pipeline, readerErrors: this.#readerErrors, writtenBytes: this.#output?.bytes ?? 0 })
  }

  details (): RunDetails {
    return { traces: this.#pipeline.traces.list(), errors: this.#pipeline.errors.list() }
  }

  /** Runs to the end of the input, or until it is stopped. Never throws: what went wrong is in `look`. */
  async go (): Promise<void> {
    try {
      await this.#whole()
      this.#meter.end(this.#stopping.signal.aborted ? 'stopped' : 'finished')
    } catch (error) {
      this.isReaderGone = isReaderGone(error)
      if (this.isReaderGone) this.#meter.end('stopped')
      else this.#meter.fail(error instanceof AppError ? error.message : String(Object(error).stack ?? error))
    } finally {
      // What could not be written was told already.
      await this.#output?.close().catch(() => {})
      await this.#deadLetters?.close().catch(() => {})
    }
  }

  async #whole (): Promise<void> {
    const { output, deadLetters, resume } = this.#job
    const checkpoint = resume ? await this.#usable() : undefined
    const start = { files: this.#job.files, from: { file: 0, bytes: 0 } }
    const { files, from } = checkpoint === undefined ? start : await resumption(checkpoint, this.#job.files, this.#job.follow)
    if (checkpoint !== undefined) this.#goOnFrom(checkpoint, from)
    const seen = await identified(files, [output, deadLetters])
    this.#output = await openOutput(output, checkpoint?.outputBytes)
    if (deadLetters !== undefined) this.#deadLetters = new DeadLetters(deadLetters, checkpoint?.deadLetterBytes ?? 0)
    this.#sent = checkpoint?.sent ?? { name: this.#job.runId, lines: 0 }
    if (this.#job.send !== undefined) this.#sender = new LineSender(this.#job.send, { name: this.#sent.name, sent: this.#sent.lines })
    await this.#deadLetters?.begin()
    const position = { ...from }
    const save = async (): Promise<void> => this.#save({ files: seen, position: { file: position.file, bytes: position.bytes - this.#cutter.pendingBytes } })
    let breathAt = performance.now()
    for await (const chunk of readAll(files, { from, follow: this.#job.follow, progress: this.#meter.progress, signal: this.#stopping.signal, onNote: (note) => { this.#meter.note(note) }, onFile: (file) => { seen[position.file] = file } })) {
      position.bytes += chunk.bytes.length
      await this.#take(chunk)
      if (chunk.isEnd) {
        position.file++
        position.bytes = 0
      }
      if (performance.now() - breathAt > BREATH_MS) {
        await new Promise((resolve) => { setImmediate(resolve) })
        breathAt = performance.now()
      }
      if (performance.now() - this.#checkpointAt > CHECKPOINT_MS) await save()
      if (this.#stopping.signal.aborted) break
    }
    if (this.#stopping.signal.aborted) return save()
    await this.#write(this.#pipeline.end(this.#nextLine))
    await this.#sender?.flush()
    if (this.#sender !== undefined) this.#meter.note(`${this.#sender.sent} lines were posted, ${this.#sender.refused} of them refused`)
    await this.#output.sync()
    await this.#deadLetters?.sync()
    if (this.#isKept) await removeCheckpoint(checkpointPath(output))
  }

  get #isKept (): boolean {
    return this.#job.output !== STANDARD_OUTPUT && !this.#job.files.includes(STANDARD_INPUT)
  }

  async #take ({ bytes, isEnd }: Chunk): Promise<void> {
    if (bytes.length > 0) await this.#runLines(this.#cutter.take(bytes))
    if (isEnd) await this.#runLines(this.#cutter.finish())
    await this.#deadLetters?.flush()
  }

  async #runLines (cut: CutLines): Promise<void> {
    if (cut.lines.length === 0) return
    if (cut.broken.length === 0) return this.#runText(cut.lines)
    let start = 0
    for (const place of [...cut.broken, cut.lines.length]) {
      if (place > start) await this.#runText(cut.lines.slice(start, place))
      if (place < cut.lines.length) this.#refuse(cut, place)
      start = place + 1
    }
  }

  async #runText (lines: readonly string[]): Promise<void> {
    const first = this.#nextLine
    this.#nextLine += lines.length
    this.#meter.took(lines.length)
    await this.#write(this.#pipeline.run(lines, first))
  }

  #refuse ({ lines, bytesOf, lengthOf }: CutLines, place: number): void {
    const bytes = bytesOf(place)
    const message = lengthOf(place) > this.#job.longestLine ? `the line has ${lengthOf(place)} bytes, at most ${this.#job.longestLine}` : 'the line is not UTF-8: --encoding latin1 reads any byte'
    const lineNumber = this.#nextLine++
    this.#readerErrors++
    this.#meter.took(1)
    this.#pipeline.errors.add({ processor: READER, message, lineNumber, line: lines[place] ?? '', time: Date.now() })
    this.#deadLetters?.add({ lineNumber, processor: READER, message, bytes })
  }

  async #write ({ lines }: Batch): Promise<void> {
    if (lines.length === 0) return
    const end = this.#cutter.lineEnd
    await this.#output?.write(lines.join(end), end)
    await this.#sender?.add(lines)
    // Whoever follows waits for each line.
    if (this.#job.follow) await this.#sender?.flush()
    this.#meter.gave(lines.length)
  }

  async #usable (): Promise<Checkpoint | undefined> {
    const path = checkpointPath(this.#job.output)
    const checkpoint = this.#isKept ? await readCheckpoint(path) : undefined
    if (checkpoint === undefined) {
      this.#meter.note(this.#isKept ? `there is no ${path}: the run begins at the start` : 'standard input and output cannot be resumed: the run begins at the start')
      return undefined
    }
    if (checkpoint.settings !== settingsName(this.#decisive())) throw new AppError('invalid', `${path} was written with another configuration: start anew without --resume`)
    return checkpoint
  }

  #goOnFrom ({ lineNumber, lineEnd, pipeline, elapsedMs, outputBytes }: Checkpoint, from: Position): void {
    if (from.bytes > 0) this.#cutter.goOn()
    this.#nextLine = lineNumber
    this.#cutter.lineEnd = lineEnd
    this.#pipeline.restore(pipeline)
    this.#meter.resume({ elapsedMs, lines: lineNumber - 1 })
    this.#meter.note(`goes on behind line ${lineNumber - 1}, with ${outputBytes} bytes written`)
  }

  /** What must be equal for a run to be gone on with. */
  #decisive (): unknown {
    const { config, encoding, longestLine } = this.#job
    return { config, encoding, longestLine }
  }

  async #save ({ files, position }: Pick<Checkpoint, 'files' | 'position'>): Promise<void> {
    if (this.#isKept) {
      await this.#sender?.flush()
      await this.#deadLetters?.sync()
      await this.#output?.sync()
      await writeCheckpoint(checkpointPath(this.#job.output), {
        version: 1,
        settings: settingsName(this.#decisive()),
        files,
        position,
        lineNumber: this.#nextLine,
        lineEnd: this.#cutter.lineEnd,
        outputBytes: this.#output?.bytes ?? 0,
        deadLetterBytes: this.#deadLetters?.bytes ?? 0,
        elapsedMs: this.#meter.elapsedMs,
        pipeline: this.#pipeline.state(),
        sent: { name: this.#sent.name, lines: this.#sender?.sent ?? this.#sent.lines }
      })
    }
    this.#checkpointAt = performance.now()
  }
}
