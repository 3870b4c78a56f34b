import { join } from 'node:path'
import { broken, type Case, type Context, type Result } from '../case.ts'
import { Client, type Reply } from '../http.ts'
import { readPages } from '../oracle.ts'
import { runTool, TOKEN, withService, type ServiceProcess } from '../service-process.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'bin', 'bellwether.js')

/** Events that `claims` leaves: one of the shop, two of the bank, one of which repeats the text of the shop. */
const CLAIMED = 3

interface Receipt { accepted: number, duplicates: number, rejected: number }

/** Makes a token and a client that sends with it. */
async function sender ({ base, dataDir }: ServiceProcess, name: string): Promise<Client> {
  const { code, output } = await runTool(process.execPath, [PROGRAM, 'token', 'create', '--name', name, '--scope', 'ingest', '--data-dir', dataDir])
  const secret = /bw_[\w-]{43}/.exec(output)?.[0]
  if (code !== 0 || secret === undefined) throw new Error(`no token: exit ${code}: ${output}`)
  return new Client(base, secret)
}

function parse<T> ({ text }: Reply): T {
  return JSON.parse(text) as T
}

function is (what: string, receipt: Receipt, expected: Receipt): [boolean, string] {
  const { accepted, duplicates, rejected } = receipt
  return [accepted === expected.accepted && duplicates === expected.duplicates && rejected === expected.rejected, `${what}: ${JSON.stringify({ accepted, duplicates, rejected })}, must be ${JSON.stringify(expected)}`]
}

/** Loggers that number their events: each numbers from 1 again, after a restart too. */
async function numbered ({ isShort }: Context): Promise<Result> {
  const each = isShort ? 500 : 5_000
  return withService({ settings: { MAX_BATCH: '5000' } }, async (service) => {
    const reader = new Client(service.base, TOKEN)
    const [shop, bank] = [await sender(service, 'shop'), await sender(service, 'bank')]
    const batch = (name: string) => Array.from({ length: each }, (_, at) => ({ id: at + 1, msg: `${name} ${at + 1}` }))
    const send = async (client: Client, events: readonly object[]) => parse<Receipt>(await client.post('/events', events))
    try {
      const faults = broken(
        is('the first numbers from 1', await send(shop, batch('shop')), { accepted: each, duplicates: 0, rejected: 0 }),
        is('so does another', await send(bank, batch('bank')), { accepted: each, duplicates: 0, rejected: 0 }),
        is('the first does it again, of other events', await send(shop, batch('shop, restarted,')), { accepted: each, duplicates: 0, rejected: 0 }),
        is('the other sends the same once more', await send(bank, batch('bank')), { accepted: 0, duplicates: each, rejected: 0 })
      )
      faults.push(...await claims(shop, bank))
      const messages: string[] = []
      for await (const events of readPages(reader)) messages.push(...events.map(({ message }) => message))
      const different = new Set(messages).size
      return {
        figures: { senders: 2, stored: messages.length, different },
        faults: [...faults, ...broken([messages.length === 3 * each + CLAIMED && different === messages.length - 1, `${messages.length} events are stored, ${different} of them different; must be ${3 * each + CLAIMED}, of which two say the same`])]
      }
    } finally {
      for (const client of [reader, shop, bank]) client.close()
    }
  })
}

/** The documented field is a claim that is judged, and no answer shows what another sent. */
async function claims (shop: Client, bank: Client): Promise<string[]> {
  const secret = 'only the shop may read this'
  const first = parse<{ id: string }>(await shop.post('/events', { event_id: 'order-1', message: secret }))
  const same = await shop.post('/events', { event_id: 'order-1', message: secret })
  const other = await shop.post('/events', [{ event_id: 'order-1', message: 'something else' }])
  const foreign = await bank.post('/events', { event_id: 'order-1', message: 'the bank has such an id too' })
  const takeover = await bank.post('/events', [{ event_id: first.id, message: secret }, { id: first.id, message: secret }])
  return broken(
    [parse<{ id: string }>(same).id === first.id, `the same again has another id: ${same.text}`],
    [other.status >= 400 || parse<Receipt>(other).rejected === 1, `other content under a known event_id is answered ${other.status} ${other.text}`],
    [foreign.status === 201 && !foreign.text.includes(secret), `another's event_id is answered ${foreign.status} ${foreign.text}`],
    [!takeover.text.includes(secret), `a row id as an id is answered ${takeover.status} ${takeover.text}`]
  )
}

export const senderCases: readonly Case[] = [
  { name: 'SENDERS', title: 'senders that use the same ids lose nothing to each other and see nothing of each other', run: numbered }
]
