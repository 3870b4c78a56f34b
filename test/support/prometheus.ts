import { spawnSync } from 'node:child_process'

/** Why a test that needs this program is skipped, or false when it is there or must be. */
export function missing (program: string): string | false {
  const isThere = spawnSync(program, ['--version']).error === undefined
  return isThere || process.env['REQUIRE_SERVICES'] === '1' ? false : `${program} is not installed`
}

/** What `promtool check metrics` says of a text; empty when it is fine. */
export function metricsFaults (text: string | Buffer): string {
  const { stdout, stderr, status, error } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  return `${error?.message ?? ''}${stdout}${stderr}${status === 0 ? '' : `exit code ${status}`}`
}

/** The values of all series in a text, by name and labels as they stand there. */
export function seriesOf (text: string): Map<string, number> {
  return new Map(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const at = line.lastIndexOf(' ')
    return [line.slice(0, at), Number(line.slice(at + 1))]
  }))
}
