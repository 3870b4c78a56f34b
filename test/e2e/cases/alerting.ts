import { setTimeout as delay } from 'node:timers/promises'
import type { AlertFile } from '../../../schemas/alert.ts'
import type { NoticeBody } from '../../../schemas/notice.ts'
import { closedPort, Receiver, status, type Received } from '../../notify/receiver.ts'
import { SECRET } from '../../notify/support.ts'
import { broken, exceeded, quantile, type Case, type Context, type Result } from '../case.ts'
import { idOf, isSigned } from '../outbox-lab.ts'
import { holds } from '../stack/prometheus.ts'
import { Switchboard, switchRules, withBoard } from '../switchboard.ts'

const TURNS = 10
const INGEST_P99 = 1.2
const DRAIN_MS = 60_000

function webhook (url: string) {
  return [{ name: 'main', kind: 'webhook' as const, url, secret: SECRET }]
}

/** Alerts fire and end while the service is killed at moments that nobody chose. */
async function killed (context: Context): Promise<Result> {
  const switches = context.isShort ? 20 : 100
  return withBoard(status(200), (url) => ({ file: { channels: webhook(url), rules: switchRules(1, ['main']) } }), async (board, receiver) => {
    let kills = 0
    for (let turn = 0; turn < TURNS; turn++) {
      const value = turn % 2 === 0 ? 1 : 0
      const done = board.turn(switches, value, value * switches).then(() => true, () => false)
      await delay(context.random() * 1_500)
      await board.service.kill()
      kills++
      await done
      await board.service.start()
      await board.turn(switches, value, value * switches)
    }
    const isDrained = await holds(async () => await board.metric('bellwether_outbox_pending') === 0, DRAIN_MS)
    const alerts = await board.alerts()
    const files: AlertFile[] = []
    for (const { id } of alerts) files.push(await board.alert(id))
    const { transitions, faults } = toldFaults(files, receiver.received)
    return {
      figures: { kills, alerts: alerts.length, transitions, requests: receiver.received.length, repeats: receiver.received.length - new Set(receiver.received.map(idOf)).size },
      faults: [...faults, ...broken(
        [isDrained, 'the outbox was not drained'],
        [transitions >= switches * TURNS, `${transitions} transitions, not ${switches * TURNS}`],
        [receiver.received.every((one) => isSigned(one)), 'a signature does not verify']
      )]
    }
  })
}

/** Holds what the timelines say against what came in. */
function toldFaults (files: readonly AlertFile[], received: readonly Received[]): { transitions: number, faults: string[] } {
  const bodies = received.map((one) => ({ id: idOf(one), body: parseBody(one) }))
  const faults: string[] = []
  let transitions = 0
  for (const { id, timeline } of files) {
    const owed = timeline.filter(({ to }) => to === 'firing' || to === 'resolved')
    transitions += owed.length
    const came = bodies.filter(({ body }) => body.alert_id === id)
    const places = owed.map(({ event_id: event }) => came.flatMap(({ body }, at) => body.event_id === event ? [at] : []))
    const ids = owed.map(({ event_id: event }) => new Set(came.filter(({ body }) => body.event_id === event).map((one) => one.id)).size)
    faults.push(...broken(
      [places.every(({ length }) => length > 0), `${id}: a transition was never delivered`],
      [places.every((one, at) => at === 0 || Math.max(...places[at - 1] ?? []) < Math.min(...one)), `${id}: out of order`],
      [ids.every((count) => count <= 1), `${id}: a repeat under another webhook-id`]
    ))
  }
  return { transitions, faults: faults.slice(0, 10) }
}

function parseBody ({ body }: Received): NoticeBody {
  return JSON.parse(body) as NoticeBody
}

/** 10,000 notices for a receiver that is down wait, cost ingest nothing, and are delivered when it is back. */
async function receiverDown (context: Context): Promise<Result> {
  const [rules, switches, turns] = context.isShort ? [2, 100, 4] : [10, 100, 10]
  const transitions = rules * switches * turns
  const port = await closedPort()
  const board = await Switchboard.open({ file: { channels: webhook(`http://127.0.0.1:${port}/hook`), rules: switchRules(rules, ['main']) } })
  const closers: Array<() => unknown> = []
  try {
    const { quiet, storm } = await stormed(board, { rules, switches, turns })
    const pending = await board.metric('bellwether_outbox_pending')
    const receiver = await Receiver.open({ teardown: (close: () => unknown) => { closers.push(close) } }, status(200), port)
    const startedAt = performance.now()
    const isTold = await holds(async () => receiver.received.length >= transitions, 2 * DRAIN_MS)
    const drainMs = performance.now() - startedAt
    const isDrained = await holds(async () => await board.metric('bellwether_outbox_pending') === 0, DRAIN_MS)
    const told = new Set(receiver.received.map(idOf)).size
    const compared = comparison(storm, quiet)
    return {
      figures: { transitions, 'pending, as /metrics says': pending, ...compared, 'drained s': drainMs / 1_000, told },
      faults: [...broken(
        [isTold && isDrained, 'the outbox was not drained'],
        [pending > 0.9 * transitions, `${pending} notices are told to wait`],
        [told === transitions, `${told} notices came in`]
      ), ...exceeded(context,
        [compared['ingest p99 ms'] <= INGEST_P99 * compared['without ms'], `p99 of ingest is more than ${INGEST_P99} times what it is without`],
        [drainMs <= DRAIN_MS, `not drained within ${DRAIN_MS} ms`]
      )]
    }
  } finally {
    for (const close of closers) await close()
    await board.close()
  }
}

/**
 * Takes turns: all switches are turned, then left as they are for as many requests. Both are asked and told the same, so that nothing
 * but the transitions is between them, and whatever else the machine does meets both alike. Gives ms of single events, turn by turn.
 */
async function stormed (board: Switchboard, { rules, switches, turns }: { rules: number, switches: number, turns: number }): Promise<{ quiet: number[][], storm: number[][] }> {
  const [quiet, storm] = [new Array<number[]>(), new Array<number[]>()]
  for (let turn = 1; turn <= turns; turn++) {
    const value = turn % 2 === 1 ? 1 : 0
    const isTurned = async () => await board.firing(`switch-${rules - 1}`) === value * switches
    const during = await latencies(board, () => board.hold(switches, value, isTurned))
    const after = await latencies(board, (sent) => board.hold(switches, value, async () => await isTurned() && sent.length >= during.length))
    storm.push(during)
    quiet.push(after)
  }
  return { quiet, storm }
}

/** A stall holds up one request alone, since the next is sent after it: so the longest of a turn is told, too. */
function comparison (storm: readonly number[][], quiet: readonly number[][]): Record<'requests' | 'ingest p99 ms' | 'without ms' | 'longest of a turn ms' | 'longest without ms', number> {
  const longest = (turns: readonly number[][]): number => quantile(turns.map((turn) => Math.max(...turn)), 0.5)
  return {
    requests: storm.flat().length,
    'ingest p99 ms': quantile(storm.flat(), 0.99),
    'without ms': quantile(quiet.flat(), 0.99),
    'longest of a turn ms': longest(storm),
    'longest without ms': longest(quiet)
  }
}

/** Sends single events, one after the other, while a task runs, which sees what they took so far. */
async function latencies (board: Switchboard, task: (sent: readonly number[]) => Promise<unknown>): Promise<number[]> {
  const sent: number[] = []
  const over = new AbortController()
  const done = task(sent).finally(() => over.abort())
  while (!over.signal.aborted) {
    const { status, ms } = await board.client.post('/events', { message: 'meanwhile' })
    if (status !== 201) throw new Error(`POST /events: ${status}`)
    sent.push(ms)
    await delay(5)
  }
  await done
  return sent
}

/** Rules that take longer than their interval are evaluated one time after the other, never twice at once. */
async function slowRules ({ isShort }: Context): Promise<Result> {
  // Windows of more than six hours are summed up for each rule by itself.
  const rules = switchRules(isShort ? 120 : 200, []).map((rule, at) => ({ ...rule, window: `${361 + at}m` }))
  return withBoard(status(200), () => ({ file: { rules } }), async (board) => {
    const samples = Array.from({ length: 900 }, (_, at) => ({ name: 'switch', value: 0, labels: { n: String(at % 90) }, time: Date.now() - at * 100 }))
    await board.client.post('/samples', samples)
    const ticks = () => board.metric('bellwether_rule_evaluation_seconds_count')
    const skipped = () => board.metric('bellwether_rule_ticks_skipped_total')
    const before = { ticks: await ticks(), skipped: await skipped(), at: performance.now() }
    const isSlow = await holds(async () => await skipped() >= before.skipped + 5 && await ticks() >= before.ticks + 2, 60_000)
    const [evaluated, left] = [await ticks() - before.ticks, await skipped() - before.skipped]
    const elapsed = (performance.now() - before.at) / 1_000
    return {
      figures: { evaluations: evaluated, skipped: left, 'intervals passed': elapsed },
      faults: broken(
        [isSlow, 'nothing was skipped'],
        [evaluated + left <= elapsed + 2, 'more evaluations began or were skipped than intervals passed: they overlap']
      )
    }
  })
}

export const alertingCases: readonly Case[] = [
  { name: 'ALERTS', title: 'kill -9 while alerts fire and end: each transition is delivered, in order, repeats under one id', run: killed },
  { name: 'R32', title: 'the receiver is down while alerts storm: ingest goes on, all is delivered when it is back', run: receiverDown },
  { name: 'R40', title: 'slow rules are skipped and counted, and never overlap', run: slowRules }
]
