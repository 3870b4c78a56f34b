import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import { test } from 'tap'
import { eventOf, idOf, type SentEvent } from './oracle-event.ts'
import { Oracle, readExport, verify, type Report } from './oracle.ts'

type Fault = 'none' | 'loses' | 'doubles' | 'alters' | 'resets' | 'refuses' | 'rejects' | 'invents'

const EVENTS = 2_500
const RARE = 1_000
const OFTEN = 100

/** A store in memory with a fault of choice. It keeps each id once, as the real one must. */
class Stub {
  readonly #fault: Fault
  readonly #stored: SentEvent[] = []
  readonly #ids = new Set<string>()
  readonly #server: Server
  #count = 0

  constructor (fault: Fault) {
    this.#fault = fault
    this.#server = createServer((request, response) => {
      this.#answer(request).then((answer) => {
        if (answer === undefined) return request.socket.resetAndDestroy()
        response.writeHead(answer.status, { 'content-type': 'application/json', 'retry-after': '0' }).end(answer.text)
      }, (error) => { response.destroy(error) })
    })
  }

  async listen (): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  close (): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer (request: IncomingMessage): Promise<{ status: number, text: string } | undefined> {
    const url = new URL(request.url ?? '/', 'http://stub')
    if (url.pathname === '/events/export') return { status: 200, text: this.#stored.map((event) => JSON.stringify(event) + '\n').join('') }
    if (request.method === 'GET') return { status: 200, text: JSON.stringify(this.#page(Number(url.searchParams.get('cursor') ?? 0))) }
    const body = parseEvents(await textOf(request))
    const count = this.#count++
    if (this.#fault === 'refuses' && count % OFTEN === 0) return { status: 503, text: '{}' }
    const refused = body.filter((event) => !this.#store(event)).length
    if (this.#fault === 'resets' && count % OFTEN === 0) return undefined
    const items = Array.from({ length: refused }, (_, i) => ({ index: i, status: 400, error: {} }))
    return { status: 201, text: JSON.stringify({ receipt: '1', accepted: body.length - refused, duplicates: 0, rejected: refused, items }) }
  }

  #page (from: number): unknown {
    const to = from + 1_000
    return { events: this.#stored.slice(from, to), next: to < this.#stored.length ? String(to) : null }
  }

  /** Answers false when the event is rejected: with `rejects`, the first of each hundredth batch. */
  #store (event: SentEvent): boolean {
    if (this.#ids.has(event.id)) return true
    const isRare = this.#ids.size % RARE === RARE - 1
    if (this.#fault === 'rejects' && this.#ids.size % OFTEN === 0 && !this.#ids.has('rejected')) {
      this.#ids.add('rejected')
      return false
    }
    this.#ids.add(event.id)
    if (isRare && this.#fault === 'loses') return true
    this.#stored.push(isRare && this.#fault === 'alters' ? { ...event, message: event.message.replace('ms', 'mS') } : event)
    if (isRare && this.#fault === 'doubles') this.#stored.push(event)
    if (isRare && this.#fault === 'invents') this.#stored.push(eventOf(idOf(0, this.#ids.size)))
    return true
  }
}

async function textOf (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parseEvents (text: string): SentEvent[] {
  const body = JSON.parse(text) as SentEvent | SentEvent[]
  return Array.isArray(body) ? body : [body]
}

async function judge (fault: Fault, batch: number, through?: typeof readExport): Promise<Report> {
  const stub = new Stub(fault)
  const oracle = new Oracle({ base: await stub.listen(), connections: 16, batch, total: EVENTS })
  try {
    oracle.load.start()
    await oracle.load.finished()
    return await oracle.audit(through)
  } finally {
    await oracle.close()
    stub.close()
  }
}

const sent = [0, 1, 2].map((n) => eventOf(idOf(1_700_000_000_000, n)))
const ids = sent.map((event) => event.id)
const [first, second, third] = sent

const verdicts: [string, (SentEvent | undefined)[], string[], string[], Partial<Report>][] = [
  ['all owed and there', sent, ids, [], {}],
  ['an owed event missing', [first, third], ids, [], { lost: 1 }],
  ['a maybe event there', sent, ids.slice(1), ids.slice(0, 1), {}],
  ['a maybe event missing', [second, third], ids.slice(1), ids.slice(0, 1), {}],
  ['a maybe event twice', [first, ...sent], ids.slice(1), ids.slice(0, 1), { duplicated: 1 }],
  ['an owed event twice', [...sent, second], ids, [], { duplicated: 1 }],
  ['a refused event there', sent, ids.slice(1), [], { unknown: 1 }],
  ['a level changed', [first, second, third && { ...third, level: third.level === 'INFO' ? 'WARN' : 'INFO' }], ids, [], { altered: 1 }],
  ['a time moved by a ms', [first, second, third && { ...third, time: new Date(Date.parse(third.time) + 1).toISOString() }], ids, [], { altered: 1 }],
  ['a member of meta gone', [first, second, third && { ...third, meta: { n: 2 } }], ids, [], { altered: 1 }],
  ['a trace id changed', [first, second, third && { ...third, trace_id: 'other' }], ids, [], { lost: 1, unknown: 1 }]
]

for (const [name, readBack, owed, maybe, expected] of verdicts) {
  test(`the verdict on ${name}`, async (t) => {
    const { examples, ...verdict } = verify(readBack.filter((event) => event !== undefined), new Set(owed), new Set(maybe))

    t.same(verdict, { lost: 0, duplicated: 0, altered: 0, unknown: 0, ...expected })
    t.equal(examples.length > 0, Object.keys(expected).length > 0)
  })
}

test('an event is derived from its id alone', async (t) => {
  const id = idOf(1_700_000_000_000, 12_345)

  t.same(eventOf(id), eventOf(id))
  t.not(eventOf(id).message, eventOf(idOf(1_700_000_000_000, 12_346)).message)
  t.throws(() => eventOf('oracle-1'), /not an oracle id/)
})

const controls: [Fault, Partial<Report>][] = [
  ['none', {}],
  ['loses', { lost: 2 }],
  ['doubles', { duplicated: 2 }],
  ['alters', { altered: 2 }],
  ['invents', { unknown: 2 }],
  ['resets', {}]
]

for (const [fault, expected] of controls) {
  test(`the oracle on a store with the fault "${fault}", single events`, async (t) => {
    const report = await judge(fault, 1)

    t.match(report, { acknowledged: EVENTS + 1, refused: 0, maybe: 0, lost: 0, duplicated: 0, altered: 0, unknown: 0, ...expected })
  })

  test(`the oracle on a store with the fault "${fault}", batches and export`, async (t) => {
    const report = await judge(fault, 50, readExport)

    t.match(report, { acknowledged: EVENTS + 1, refused: 0, maybe: 0, lost: 0, duplicated: 0, altered: 0, unknown: 0, ...expected })
  })
}

test('a refused event is not owed', async (t) => {
  const report = await judge('refuses', 1)

  t.match(report, { acknowledged: EVENTS + 1 - 25, refused: 25, lost: 0, unknown: 0 })
})

test('an event that the receipt rejects is not owed', async (t) => {
  const report = await judge('rejects', 50)

  t.match(report, { acknowledged: EVENTS, lost: 0, unknown: 0 })
})
