import { parseArgs } from 'node:util'
import { seeded, Skip, type Case, type Result } from './case.ts'
import { crashCases } from './cases/crash.ts'
import { fsyncCases } from './cases/fsync.ts'
import { hostileCases } from './cases/hostile.ts'
import { overloadCases } from './cases/overload.ts'
import { queryCases } from './cases/queries.ts'
import { retryCases } from './cases/retry.ts'
import { startCases } from './cases/start.ts'
import { textCases } from './cases/text.ts'
import { wireCases } from './cases/wire.ts'

const SEED = 2026
const CASES: readonly Case[] = [
  ...crashCases, ...fsyncCases, ...startCases, ...overloadCases, ...wireCases, ...hostileCases, ...retryCases, ...textCases, ...queryCases
]

type Verdict = 'pass' | 'FAIL' | 'skip'
interface Line { name: string, verdict: Verdict, seconds: number, result: Result }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } }
})

function chosen (): readonly Case[] {
  const unknown = positionals.filter((name) => !CASES.some((member) => member.name === name))
  if (unknown.length > 0) throw new Error(`no case ${unknown.join(', ')}; there are ${CASES.map(({ name }) => name).join(', ')}`)
  return positionals.length === 0 ? CASES : CASES.filter(({ name }) => positionals.includes(name))
}

async function lineOf (member: Case): Promise<Line> {
  const startedAt = performance.now()
  const { verdict, result } = await verdictOf(member)
  return { name: member.name, verdict, seconds: (performance.now() - startedAt) / 1000, result }
}

async function verdictOf (member: Case): Promise<{ verdict: Verdict, result: Result }> {
  try {
    const result = await member.run({ isShort: values.short, random: seeded(SEED) })
    return { verdict: result.faults.length === 0 ? 'pass' : 'FAIL', result }
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error)
    if (!(error instanceof Skip)) return { verdict: 'FAIL', result: { figures: {}, faults: [text] } }
    return { verdict: process.env['REQUIRE_SERVICES'] === '1' ? 'FAIL' : 'skip', result: { figures: {}, faults: [error.message] } }
  }
}

function textOf (line: Line): string {
  const figures = Object.entries(line.result.figures).map(([name, value]) => `${name} ${rounded(value)}`)
  const row = `${line.name.padEnd(8)} ${line.verdict}  ${line.seconds.toFixed(1).padStart(6)} s  ${figures.join(' · ')}`
  return [row, ...line.result.faults.map((fault) => `           ${fault.slice(0, 1_000).replaceAll('\n', '\n           ')}`)].join('\n')
}

function rounded (value: string | number): string {
  return typeof value === 'string' ? value : String(Math.round(value * 100) / 100)
}

async function main (): Promise<void> {
  if (values.list) return console.log(CASES.map(({ name, title }) => `${name.padEnd(8)} ${title}`).join('\n'))
  const lines: Line[] = []
  for (const member of chosen()) {
    const line = await lineOf(member)
    console.log(textOf(line))
    lines.push(line)
  }
  const count = (verdict: Verdict) => lines.filter((line) => line.verdict === verdict).length
  const skipped = lines.filter(({ verdict }) => verdict === 'skip').map(({ name }) => name)
  if (skipped.length > 0) console.log(`skipped: ${skipped.join(', ')}`)
  console.log(`${count('pass')} passed, ${count('FAIL')} failed, ${count('skip')} skipped`)
  process.exitCode = count('FAIL') > 0 ? 1 : 0
}

await main()
