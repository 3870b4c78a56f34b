import { Skip, type Case, type Context, type Result } from './case.ts'

type Verdict = 'pass' | 'FAIL' | 'skip'
interface Line { name: string, verdict: Verdict, seconds: number, result: Result }

/** The cases that are named, or all. Throws when a name is none. */
export function casesNamed (cases: readonly Case[], names: readonly string[]): readonly Case[] {
  const unknown = names.filter((name) => !cases.some((member) => member.name === name))
  if (unknown.length > 0) throw new Error(`no case ${unknown.join(', ')}; there are ${cases.map(({ name }) => name).join(', ')}`)
  return names.length === 0 ? cases : cases.filter(({ name }) => names.includes(name))
}

/** Runs the cases one after the other, prints a line for each and the totals, and sets the exit code: 1 when any failed. */
export async function runCases (cases: readonly Case[], contextOf: () => Context): Promise<void> {
  const lines: Line[] = []
  for (const member of cases) {
    const line = await lineOf(member, contextOf())
    console.log(textOf(line))
    lines.push(line)
  }
  const count = (verdict: Verdict) => lines.filter((line) => line.verdict === verdict).length
  const skipped = lines.filter(({ verdict }) => verdict === 'skip').map(({ name }) => name)
  if (skipped.length > 0) console.log(`skipped: ${skipped.join(', ')}`)
  console.log(`${count('pass')} passed, ${count('FAIL')} failed, ${count('skip')} skipped`)
  process.exitCode = count('FAIL') > 0 ? 1 : 0
}

async function lineOf (member: Case, context: Context): Promise<Line> {
  const startedAt = performance.now()
  const { verdict, result } = await verdictOf(member, context)
  return { name: member.name, verdict, seconds: (performance.now() - startedAt) / 1000, result }
}

async function verdictOf (member: Case, context: Context): Promise<{ verdict: Verdict, result: Result }> {
  try {
    const result = await member.run(context)
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
