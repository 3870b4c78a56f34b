import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { broken, Skip, type Result } from '../case.ts'
import { runTool } from '../service-process.ts'

type Run = readonly [command: string, ...args: string[]]

/** promtool and amtool on the files that the containers mount. */
export async function rulesHold (project: string): Promise<Result> {
  const files = readdirSync(join(project, 'prometheus')).map((file) => join(project, 'prometheus', file))
  const rules = files.filter((file) => file.endsWith('.rules.yml'))
  const tests = files.filter((file) => file.endsWith('.test.yml'))
  const faults = await faultsOf([
    ['promtool', 'check', 'config', join(project, 'prometheus.yml')],
    ['promtool', 'check', 'rules', ...rules],
    ['promtool', 'test', 'rules', ...tests],
    ['amtool', 'check-config', join(project, 'alertmanager', 'alertmanager.yml')]
  ])
  return { figures: { 'rule files': rules.length, 'test files': tests.length }, faults: [...faults, ...broken([tests.length > 0, 'no tests of the rules'])] }
}

/** docker-compose reads the file without an engine: as it is on a fresh machine, and with every profile. */
export async function composeIsAccepted (project: string): Promise<Result> {
  const file = join(project, 'docker-compose.yml')
  const runs: Run[] = [['docker-compose', '--file', file, 'config', '--quiet'], ['docker-compose', '--file', file, '--profile', 'alertmanager', 'config', '--quiet']]
  return { figures: { runs: runs.length }, faults: await faultsOf(runs) }
}

/** Throws Skip when a tool is missing. */
async function faultsOf (runs: readonly Run[]): Promise<string[]> {
  const faults: string[] = []
  for (const [command, ...args] of runs) {
    const { code, output } = await runTool(command, args)
    if (code === 127) throw new Skip(`${command} is missing`)
    if (code !== 0) faults.push(`${command} ${args.join(' ')}: ${output}`)
  }
  return faults
}
