import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dashboardOf } from './dashboard.ts'
import { events } from './events.ts'
import { host } from './host.ts'
import { service } from './service.ts'

export const FOLDER = join(import.meta.dirname, 'dashboards')

/** The text of every file in `dashboards/`, by its name. */
export function generateDashboards (): Map<string, string> {
  return new Map([service, host, events].map((layout) => [`${layout.name}.json`, `${JSON.stringify(dashboardOf(layout), undefined, 2)}\n`]))
}

/** The names of the files in `folder` that are not what the generator makes; all are written anew unless it is a check. */
export function renewDashboards (folder: string, { isCheck }: { isCheck: boolean }): string[] {
  const stale = [...generateDashboards()].filter(([name, text]) => textOf(join(folder, name)) !== text)
  if (!isCheck) for (const [name, text] of stale) writeFileSync(join(folder, name), text)
  return stale.map(([name]) => name)
}

function textOf (file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function main (args: string[]): void {
  const isCheck = args.includes('--check')
  const stale = renewDashboards(args.find((arg) => !arg.startsWith('--')) ?? FOLDER, { isCheck })
  if (!isCheck || stale.length === 0) return
  console.error(`${stale.join(', ')}: not current, run npm run dashboards`)
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2))
