import { join } from 'node:path'
import { seeded, Skip, type Case, type Result } from './case.ts'
import { runCases } from './run-cases.ts'
import { runTool } from './service-process.ts'
import { composeIsAccepted, rulesHold } from './stack/files.ts'
import { imageRuns } from './stack/image.ts'
import { panelsHaveData } from './stack/panels.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
const SEED = 2026

const CASES: readonly Case[] = [
  { name: 'COMPOSE', title: 'docker-compose accepts its file as it is', run: () => composeIsAccepted(PROJECT) },
  { name: 'RULES', title: 'the rules pass their checks and tests', run: () => rulesHold(PROJECT) },
  { name: 'IMAGE', title: 'what the Dockerfile builds runs read-only, as somebody else than root', run: () => imageRuns(PROJECT) },
  { name: 'PANELS', title: 'every expression of every panel and rule has data', run: panels }
]

async function panels (): Promise<Result> {
  if ((await runTool('prometheus', ['--version'])).code === 127) throw new Skip('prometheus is missing')
  return panelsHaveData(PROJECT)
}

await runCases(CASES, () => ({ isShort: true, random: seeded(SEED) }))
