import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { broken, type Case, type Context, type Result } from '../case.ts'
import { Client, type Reply } from '../http.ts'
import { parseReceipt } from '../load.ts'
import { faultsOf, readPages, verify } from '../oracle.ts'
import { eventOf, idOf, type SentEvent } from '../oracle-event.ts'
import { TOKEN, withService, type ServiceProcess } from '../service-process.ts'

const BATCH = 20

/** A request that will be repeated: `expected` names how it stays one. */
interface Kept { body: string, headers: Record<string, string>, first: Reply }

/** One run of requests, the answers to them, and the ids that the store owes. */
class Retries {
  readonly owed = new Set<string>()
  readonly faults: string[] = []
  readonly kept: Kept[] = []
  repeats = 0
  readonly #client: Client
  readonly #service: ServiceProcess
  readonly #startMs = Date.now()
  #next = 0

  constructor (service: ServiceProcess) {
    this.#service = service
    this.#client = new Client(() => service.base, TOKEN)
  }

  events (count: number): SentEvent[] {
    const events = Array.from({ length: count }, () => eventOf(idOf(this.#startMs, this.#next++)))
    for (const { id } of events) this.owed.add(id)
    return events
  }

  async send (body: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#client.call({ path: '/events', body, headers })
  }

  async first (body: string, headers: Record<string, string> = {}): Promise<void> {
    const first = await this.send(body, headers)
    this.check([first.status === 201, `the first answer is ${first.status} ${first.text.slice(0, 300)}`])
    this.kept.push({ body, headers, first })
  }

  async repeat ({ body, headers, first }: Kept): Promise<void> {
    const again = await this.send(body, headers)
    this.repeats++
    this.check([again.status >= 200 && again.status < 300 && again.text === first.text,
      `a repeat is answered ${again.status} ${again.text.slice(0, 300)}, the first time it was ${first.status} ${first.text.slice(0, 300)}`])
  }

  /** Sends the whole request and resets the connection without reading: nobody can know whether it was stored. */
  async reset (body: string, headers: Record<string, string> = {}): Promise<void> {
    const lines = Object.entries({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = connect(this.#service.port, '127.0.0.1')
    await once(socket, 'connect')
    await new Promise((resolve) => { socket.write(`POST /events HTTP/1.1\r\nhost: a\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, resolve) })
    await turn()
    socket.resetAndDestroy()
  }

  check (...checks: Parameters<typeof broken>): void {
    this.faults.push(...broken(...checks))
  }

  async result (figures: Record<string, number>): Promise<Result> {
    const stored = []
    for await (const events of readPages(this.#client)) stored.push(...events)
    const verdict = verify(stored, this.owed, new Set())
    const { lost, duplicated, altered } = verdict
    this.#client.close()
    return {
      figures: { acknowledged: this.owed.size, refused: 0, lost, duplicated, altered, repeats: this.repeats, ...figures },
      faults: [...this.faults.slice(0, 5), ...faultsOf({ ...verdict, acknowledged: 0, refused: 0, maybe: 0 })]
    }
  }
}

/** Without its id an event is the same again only by the Idempotency-Key; the trace id still tells the oracle which it is. */
function withoutIds (events: readonly SentEvent[]): Omit<SentEvent, 'id'>[] {
  return events.map(({ id, ...event }) => event)
}

async function threeTimes ({ isShort }: Context): Promise<Result> {
  return withService({}, async (service) => {
    const retries = new Retries(service)
    const rounds = isShort ? 30 : 200
    for (let i = 0; i < rounds; i++) {
      const single = JSON.stringify(retries.events(1)[0])
      const keyed = JSON.stringify(withoutIds(retries.events(BATCH)))
      const headers = { 'idempotency-key': `key-${i}` }
      if (i % 3 === 0) await Promise.all([retries.reset(single), retries.reset(keyed, headers)])
      await retries.first(single)
      await retries.first(keyed, headers)
    }
    for (const kept of [...retries.kept, ...retries.kept]) await retries.repeat(kept)
    await otherContent(retries)
    await allAtOnce(retries)
    return retries.result({ rounds })
  })
}

async function otherContent (retries: Retries): Promise<void> {
  const { status, text } = await retries.send('[{"message":"something else"}]', { 'idempotency-key': 'key-0' })
  retries.check([status === 422, `other content under the same key is answered ${status} ${text.slice(0, 300)}, must be 422`])
}

/** Six copies in flight at the same moment: each is the first answer, or is told to come again. */
async function allAtOnce (retries: Retries): Promise<void> {
  for (const headers of [undefined, { 'idempotency-key': 'at-once' }]) {
    const events = retries.events(headers === undefined ? 1 : BATCH)
    const body = JSON.stringify(headers === undefined ? events[0] : withoutIds(events))
    const replies = await Promise.all(Array.from({ length: 6 }, () => retries.send(body, headers)))
    const texts = new Set(replies.filter(({ status }) => status < 300).map(({ text }) => text))
    retries.check(
      [texts.size === 1, `copies at once got ${texts.size} different answers: ${[...texts].join(' | ').slice(0, 500)}`],
      [replies.every(({ status }) => status < 300 || status === 409), `copies at once are answered ${replies.map(({ status }) => status).join(', ')}`]
    )
  }
}

/** The same again after a crash: what made a request unique must itself be durable. */
async function afterCrash ({ isShort }: Context): Promise<Result> {
  return withService({}, async (service) => {
    const retries = new Retries(service)
    const rounds = isShort ? 3 : 10
    for (let i = 0; i < rounds; i++) {
      await retries.first(JSON.stringify(retries.events(1)[0]))
      await retries.first(JSON.stringify(withoutIds(retries.events(BATCH))), { 'idempotency-key': `crash-${i}` })
      await retries.reset(JSON.stringify(withoutIds(retries.events(BATCH))), { 'idempotency-key': `reset-${i}` })
      const half = await halfKnown(retries, service)
      retries.check([half.accepted === BATCH / 2 && half.duplicates === BATCH / 2, `a batch that is half known is answered ${JSON.stringify(half)}`])
      for (const kept of retries.kept.slice(-2)) await retries.repeat(kept)
    }
    await resetOnes(retries, rounds)
    return retries.result({ rounds })
  })
}

async function halfKnown (retries: Retries, service: ServiceProcess): Promise<{ accepted: number, duplicates: number }> {
  const known = retries.events(BATCH / 2)
  await retries.first(JSON.stringify(known))
  retries.kept.pop()
  await service.kill()
  await service.start()
  const { accepted, duplicates } = parseReceipt((await retries.send(JSON.stringify([...known, ...retries.events(BATCH / 2)]))).text)
  return { accepted, duplicates }
}

/** Sends the batches whose connection was reset just before a crash once more, from their ids. */
async function resetOnes (retries: Retries, rounds: number): Promise<void> {
  const ids = [...retries.owed]
  const perRound = 1 + BATCH + BATCH + BATCH
  for (let i = 0; i < rounds; i++) {
    const from = i * perRound + 1 + BATCH
    const body = JSON.stringify(withoutIds(ids.slice(from, from + BATCH).map(eventOf)))
    const { status, text } = await retries.send(body, { 'idempotency-key': `reset-${i}` })
    retries.check([status === 201, `sent again after the crash: ${status} ${text.slice(0, 300)}`])
  }
}

export const retryCases: readonly Case[] = [
  { name: 'R22', title: 'every request three times is stored once and answered the same', run: threeTimes },
  { name: 'RETRY22', title: 'and the same again after a crash', run: afterCrash }
]
