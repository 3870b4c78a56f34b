import { parseArgs } from 'node:util'
import { seeded, type Case } from './case.ts'
import { alertingCases } from './cases/alerting.ts'
import { backupCases } from './cases/backup.ts'
import { budgetCases } from './cases/budget.ts'
import { clockCases } from './cases/clocks.ts'
import { countCases } from './cases/counts.ts'
import { crashCases } from './cases/crash.ts'
import { damageCases } from './cases/damage.ts'
import { deliveryCases } from './cases/delivery.ts'
import { fsyncCases } from './cases/fsync.ts'
import { hostileCases } from './cases/hostile.ts'
import { overloadCases } from './cases/overload.ts'
import { pipelineCases } from './cases/pipelines.ts'
import { powerCases } from './cases/power.ts'
import { queryCases } from './cases/queries.ts'
import { reloadCases } from './cases/reload.ts'
import { retryCases } from './cases/retry.ts'
import { senderCases } from './cases/senders.ts'
import { signInCases } from './cases/sign-in.ts'
import { startCases } from './cases/start.ts'
import { textCases } from './cases/text.ts'
import { upgradeCases } from './cases/upgrade.ts'
import { walkCases } from './cases/walk.ts'
import { wireCases } from './cases/wire.ts'
import { wordCases } from './cases/words.ts'
import { casesNamed, runCases } from './run-cases.ts'

const SEED = 2026
const CASES: readonly Case[] = [
  ...crashCases, ...powerCases, ...fsyncCases, ...startCases, ...reloadCases, ...upgradeCases, ...damageCases, ...backupCases, ...budgetCases, ...overloadCases, ...wireCases, ...hostileCases, ...retryCases, ...senderCases, ...textCases, ...wordCases, ...queryCases, ...countCases, ...signInCases, ...deliveryCases, ...alertingCases, ...walkCases, ...clockCases, ...pipelineCases
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } }
})

async function main (): Promise<void> {
  if (values.list) return console.log(CASES.map(({ name, title }) => `${name.padEnd(8)} ${title}`).join('\n'))
  await runCases(casesNamed(CASES, positionals).filter(({ isLong }) => isLong === undefined || !values.short || positionals.length > 0), () => ({ isShort: values.short, random: seeded(SEED) }))
}

await main()
