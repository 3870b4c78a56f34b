import { Client } from './http.ts'
import { eventOf, fingerprintOf, type SentEvent } from './oracle-event.ts'
import { Load, type LoadOptions } from './load.ts'

const FRESH_WITHIN_MS = 5_000
const PAGE = 1_000
const EXAMPLES = 5

/** `lost`, `duplicated` and `altered` count owed or maybe ids, `unknown` stored events that nobody should find. */
export interface Verdict {
  lost: number
  duplicated: number
  altered: number
  unknown: number
  /** The first faults in words, for the person who looks for the cause. */
  examples: string[]
}

export interface Report extends Verdict {
  acknowledged: number
  refused: number
  maybe: number
}

type Stored = Omit<SentEvent, 'id'>
type Ids = ReadonlySet<string>

/** Compares events read back, one by one, with what is owed: in constant memory beyond one flag for each id. */
class Audit {
  readonly #owed: Ids
  readonly #maybe: Ids
  readonly #seen = new Set<string>()
  readonly #verdict: Verdict = { lost: 0, duplicated: 0, altered: 0, unknown: 0, examples: [] }

  constructor (owed: Ids, maybe: Ids) {
    this.#owed = owed
    this.#maybe = maybe
  }

  see (event: Stored): void {
    const id = event.trace_id
    if (!this.#owed.has(id) && !this.#maybe.has(id)) return this.#fault('unknown', `stored but not owed: ${JSON.stringify(event)}`)
    if (this.#seen.has(id)) return this.#fault('duplicated', `stored twice: ${id}`)
    this.#seen.add(id)
    const expected = fingerprintOf(eventOf(id))
    const found = fingerprintOf(event)
    if (found !== expected) this.#fault('altered', `sent ${expected}, stored ${found}`)
  }

  verdict (): Verdict {
    for (const id of this.#owed) {
      if (!this.#seen.has(id)) this.#fault('lost', `acknowledged and not there: ${id}`)
    }
    return this.#verdict
  }

  #fault (kind: 'lost' | 'duplicated' | 'altered' | 'unknown', example: string): void {
    this.#verdict[kind]++
    if (this.#verdict.examples.length < EXAMPLES) this.#verdict.examples.push(example)
  }
}

/**
 * Judges what was read back: each owed id there once and unchanged, each maybe at most once and unchanged,
 * nothing else. An event whose trace id was changed counts as one lost and one unknown.
 */
export function verify (readBack: Iterable<Stored>, owed: Ids, maybe: Ids): Verdict {
  const audit = new Audit(owed, maybe)
  for (const event of readBack) audit.see(event)
  return audit.verdict()
}

/** Reads every event through pages of GET /events. Throws when a page fails or a cursor comes twice. */
export async function * readPages (client: Client, filters = ''): AsyncGenerator<Stored[]> {
  const cursors = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await client.call({ path: `/events?limit=${PAGE}${filters}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}` })
    if (page.status !== 200) throw new Error(`reading back: ${page.status} ${page.text}`)
    const { events, next } = parsePage(page.text)
    yield events
    if (next !== undefined && cursors.has(next)) throw new Error(`the cursor ${next} came twice`)
    cursor = next
    if (cursor !== undefined) cursors.add(cursor)
  } while (cursor !== undefined)
}

/** Reads every event through the export, line by line. */
export async function * readExport (client: Client): AsyncGenerator<Stored[]> {
  let rest = Buffer.alloc(0)
  for await (const chunk of client.chunks('/events/export?format=ndjson')) {
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(10) + 1
    rest = bytes.subarray(end)
    const lines = bytes.toString('utf8', 0, end).split('\n')
    yield lines.filter((line) => line !== '').map(parseStored)
  }
  if (rest.length > 0) yield [parseStored(rest.toString('utf8'))]
}

/** The load client and its judge: `load` before and during the fault, `audit` after it. */
export class Oracle {
  readonly load: Load
  readonly #client: Client

  constructor (options: LoadOptions) {
    this.load = new Load(options)
    this.#client = new Client(options.base, options.token, 2)
  }

  /** Ends the load, proves that a fresh event is accepted, reads everything back and judges it. */
  async audit (through: typeof readPages | typeof readExport = readPages): Promise<Report> {
    await this.load.stop()
    await this.load.fresh(FRESH_WITHIN_MS)
    const audit = new Audit(this.load.owed, this.load.maybe)
    for await (const events of through(this.#client)) {
      for (const event of events) audit.see(event)
    }
    return { ...this.load.counts(), ...audit.verdict() }
  }

  async close (): Promise<void> {
    await this.load.stop()
    this.load.close()
    this.#client.close()
  }
}

/** The promises that every case shares, as a list of what was broken. */
export function faultsOf (report: Report): string[] {
  const counts = { lost: report.lost, duplicated: report.duplicated, altered: report.altered, unknown: report.unknown }
  const broken = Object.entries(counts).filter(([, count]) => count > 0)
  return broken.length === 0 ? [] : [broken.map(([name, count]) => `${name} ${count}`).join(', '), ...report.examples]
}

function parsePage (text: string): { events: Stored[], next: string | undefined } {
  const page = JSON.parse(text) as { events: Stored[], next?: string | null }
  return { events: page.events, next: page.next ?? undefined }
}

function parseStored (line: string): Stored {
  return JSON.parse(line) as Stored
}
