import { randomUUID } from 'node:crypto'
import { isRecord } from '../../core/is-record.ts'
import { CommandError, EXIT } from '../command.ts'
import type { Line } from './lines.ts'
import { isPassing, waitAfter } from './retry.ts'
import { Refusal, Unreachable, type ServiceClient } from './service-client.ts'
import { tell } from './terminal.ts'

export interface Shipped {
  lines: number
  accepted: number
  duplicates: number
  rejected: number
  /** Of which something was not understood, and is kept nevertheless. */
  noted: number
  /** The first of those that were refused. */
  reasons: Array<{ file: string, line: number, error: string }>
}

export interface Batch {
  file: string
  contentType: string
  lines: readonly Line[]
}

interface ShipperParts {
  client: ServiceClient
  /** What is said of events that do not say it themselves. */
  stamp: Record<string, string | undefined>
  giveUpMs: number
  /** When it comes, nothing is tried again. */
  signal: AbortSignal
}

const MOST_REASONS = 10
const TOO_LARGE = 413
const NEVER = new AbortController().signal

/** Hands batches to the service, each under a key of its own, so that one that is sent again is stored once. */
export class Shipper {
  readonly shipped: Shipped = { lines: 0, accepted: 0, duplicates: 0, rejected: 0, noted: 0, reasons: [] }
  readonly #parts: ShipperParts
  #isReached = false

  constructor (parts: ShipperParts) {
    this.#parts = parts
  }

  /** Sends a batch, again and again while the service is busy or away. Throws what no repeat will change, and when it gives up. */
  async ship (batch: Batch): Promise<void> {
    const key = randomUUID()
    const startedAt = performance.now()
    for (let attempt = 1; ; attempt++) {
      try {
        this.#count(await this.#post(batch, key), batch)
        if (attempt > 1) tell('it is taken again')
        return
      } catch (error) {
        if (error instanceof Refusal && error.status === TOO_LARGE) return await this.#halve(error, batch)
        await this.#waitAfter(error, { batch, attempt, spentMs: performance.now() - startedAt })
      }
    }
  }

  async #post ({ contentType, lines }: Batch, key: string): Promise<Record<string, unknown>> {
    const { client, stamp } = this.#parts
    const body = Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]))
    const receipt = await client.json('/events', { method: 'POST', query: stamp, headers: { 'content-type': contentType, 'idempotency-key': key }, body, signal: NEVER })
    if (!isRecord(receipt) || typeof receipt['accepted'] !== 'number') throw client.notOurs()
    this.#isReached = true
    return receipt
  }

  async #waitAfter (error: unknown, { batch, attempt, spentMs }: { batch: Batch, attempt: number, spentMs: number }): Promise<void> {
    const { signal, giveUpMs } = this.#parts
    const isAbsent = error instanceof Unreachable && error.isAbsent && !this.#isReached
    if (!isPassing(error) || isAbsent || signal.aborted) throw error
    const why = error instanceof Error ? error.message : String(error)
    if (spentMs > giveUpMs) {
      throw new CommandError(`gave up after ${Math.round(spentMs / 1000)} s at ${batch.file}:${batch.lines[0]?.number ?? 0}, up to which all was taken: ${why}`, error instanceof Unreachable ? EXIT.unreachable : EXIT.failed, error)
    }
    if (attempt === 1) tell(`not taken (${why}): trying again`)
    await waitAfter(error, attempt, signal)
  }

  async #halve (error: Refusal, batch: Batch): Promise<void> {
    const half = Math.ceil(batch.lines.length / 2)
    if (batch.lines.length > 1) {
      await this.ship({ ...batch, lines: batch.lines.slice(0, half) })
      return await this.ship({ ...batch, lines: batch.lines.slice(half) })
    }
    this.#count({ accepted: 0, rejected: 1, items: [{ index: 0, error: error.message }] }, batch)
  }

  #count (receipt: Record<string, unknown>, { file, lines }: Batch): void {
    const { shipped } = this
    shipped.lines += lines.length
    for (const name of ['accepted', 'duplicates', 'rejected', 'noted'] as const) shipped[name] += Number(receipt[name] ?? 0)
    const items = Array.isArray(receipt['items']) ? receipt['items'].filter(isRecord) : []
    for (const { index, error } of items.filter((item) => item['error'] !== undefined)) {
      if (shipped.reasons.length < MOST_REASONS) shipped.reasons.push({ file, line: lines[Number(index)]?.number ?? 0, error: String(error) })
    }
  }
}
