import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { emptyMiner, learn } from '../src/detect/patterns/miner.ts'
import { snapshotOf } from '../src/detect/patterns/snapshot.ts'
import { drainLine, emptyDrain } from './drain.ts'
import { interleaved, print } from './report.ts'

const LINES = 200_000
const DISTINCT = 1_000_000
/** Templates of the made lines: # is a number, ~ a name out of some, ! an id. */
const TEMPLATES = [
  'GET /api/orders/# took # ms status=# bytes=#', 'POST /api/cart took # ms status=# bytes=#', 'request ! accepted from 10.0.#.#:#', 'user ~ signed in from 10.0.#.#', 'user ~ signed out after # minutes',
  'Connection to database ~ lost, trying again in # ms', 'connection established to ~ at 10.1.#.#:# in # ms', 'job ! of queue ~ started', 'job ! of queue ~ finished in # ms, # rows', 'job ! failed: timeout after # ms (attempt # of #)',
  'cache miss for key session:!', 'cache holds # entries, # MB, hit rate #.#', 'Received block blk_# of size # from /10.2.#.#', 'PacketResponder # for block blk_# terminating', 'instance ! spawned successfully on node ~',
  'Took #.# seconds to build instance !', 'garbage collection took # ms, heap # MB of # MB', 'retry # of # for message ! in topic ~', 'partition # of topic ~ has offset #', 'certificate of ~ expires in # days',
  'slow query: # ms, # rows examined, table ~', 'payment ! declined by provider ~ with code #', 'config of ~ reloaded: # settings, # changed', 'health check of ~ passed in # ms', 'disk /dev/sd~ is # % full',
  'worker # took task ! from ~', 'worker # idle for # s', 'rate limit of client 10.3.#.# reached: # in # s', 'token ! of user ~ refused: expired # s ago', 'scheduled backup ~ wrote # files, # MB'
]
const NAMES = ['anna', 'billing', 'catalog-db', 'orders', 'eu-west', 'shop_front', 'nodeA', 'search']
const LEVELS = ['INFO', 'INFO', 'WARN', 'ERROR']

/** Lines with headers, the same at every run. */
function madeLines (count: number): string[] {
  let state = 7
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
  const filled = (template: string): string => template
    .replace(/#/g, () => String(random(250)))
    .replace(/~/g, () => NAMES[random(NAMES.length)] ?? '')
    .replace(/!/g, () => random(2 ** 31).toString(16).padStart(8, '0'))
  return Array.from({ length: count }, (_, i) => `2026-01-01 12:00:${String(i % 60).padStart(2, '0')},${random(1_000)} ${LEVELS[random(LEVELS.length)]} [main-${random(8)}] ${filled(TEMPLATES[random(TEMPLATES.length)] ?? '')}`)
}

/** User and system time in us, for each line. */
function cpuOf (lines: readonly string[], learnLine: (line: string) => number): number {
  const before = process.cpuUsage()
  for (const line of lines) learnLine(line)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / lines.length
}

async function race (lines: readonly string[]): Promise<void> {
  const medians = await interleaved({
    miner: async () => {
      const miner = emptyMiner()
      return cpuOf(lines, (line) => learn(miner, line, 0))
    },
    drain: async () => {
      const drain = emptyDrain()
      return cpuOf(lines, (line) => drainLine(drain, line))
    }
  })
  print('CPU of a line, generic Drain against the miner', medians.drain / medians.miner, { target: 'at least 3', medians, unit: 'us' })
  print('lines/s of the miner on one core', 1_000_000 / medians.miner, { target: 'at least 100,000', medians: { miner: medians.miner }, unit: 'us' })
}

/** What a source of nothing but new messages costs. */
function flood (): void {
  const miner = emptyMiner()
  const letters = (number: number): string => number.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'.charAt(Number(digit)))
  const before = process.cpuUsage()
  for (let i = 0; i < DISTINCT; i++) learn(miner, `${letters(i)} ${letters(7 * i)} ${letters(11 * i)} ${letters(13 * i)} ${letters(17 * i)}`, i)
  const { user, system } = process.cpuUsage(before)
  console.log(`${DISTINCT} distinct messages: ${miner.patterns.size} patterns kept (target: at most 10,000) · ${((user + system) / DISTINCT).toFixed(1)} us a line, snapshot ${(snapshotOf(miner).length / 1e6).toFixed(1)} MB`)
}

const { values } = parseArgs({ strict: false, options: { file: { type: 'string' } } })
await race(typeof values['file'] === 'string' ? readFileSync(values['file'], 'utf8').split('\n') : madeLines(LINES))
flood()
