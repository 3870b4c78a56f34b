import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { buildApp } from '../plugins/app.ts'
import type { TSchema } from '@sinclair/typebox'
import { NewChannel } from '../schemas/channel.ts'
import { Settings, type SettingNotes } from '../schemas/env.ts'
import { NewRule } from '../schemas/rule.ts'
import { systemClock } from '../src/core/clock.ts'
import { loadConfig } from '../src/settings/config.ts'
import { NO_FILE } from '../src/settings/config-file.ts'
import { completeRule } from '../src/rules/compile.ts'
import { startService } from '../src/service.ts'

/** Every generated block by the name in its marker, `<!-- generated:settings -->`. */
const BLOCKS: Record<string, () => string | Promise<string>> = {
  settings: settingsTable,
  routes: routesTable,
  rule: ruleTable,
  channel: channelTable
}

const ROOT = join(import.meta.dirname, '..')
/** What holds generated blocks. */
const FILES = ['README.md', join('docs', 'alerts.md')]

/** The settings as a Markdown table, in the order of the schema. */
export function settingsTable (): string {
  const rows = Object.entries(Settings.properties).map(([name, notes]) =>
    tableRow([`\`${name}\``, fallbackOf(notes), notes.description + boundsOf(notes)]))
  return [tableRow(['name', 'default', 'meaning']), tableRow(['---', '---', '---']), ...rows].join('\n')
}

/** The routes of the running service as a Markdown table, in the order of their registration. */
export async function routesTable (): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-docs-'))
  const log = pino({ level: 'silent' })
  const config = loadConfig({ flags: { 'data-dir': dataDir }, env: {} })
  const service = await startService({ config, file: NO_FILE, clock: systemClock, log, onFatal: (error) => { throw error } })
  const app = await buildApp(service)
  try {
    await app.ready()
    const routes = app.routes.filter(({ method, schema }) => method !== 'HEAD' && schema?.summary !== undefined)
    const rows = routes.map(({ method, url, config, schema }) =>
      tableRow([`\`${String(method)} ${url}\``, config?.access ?? '', schema?.summary ?? '']))
    return [tableRow(['route', 'access', 'does']), tableRow(['---', '---', '---']), ...rows].join('\n')
  } finally {
    await app.close()
    await service.close()
    rmSync(dataDir, { recursive: true })
  }
}

/** The fields of a rule, with what a rule over a metric is given when they are left out. */
export function ruleTable (): string {
  const { signal, ...defaults } = completeRule('', { name: '', signal: { metric: 'any' }, levels: {} })
  return fieldsTable(NewRule.properties, defaults)
}

function channelTable (): string {
  return fieldsTable(NewChannel.properties, {})
}

function fieldsTable (properties: Readonly<Record<string, TSchema>>, defaults: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(properties).map(([name, { description = '', default: own }]) => {
    const fallback = defaults[name] ?? own
    const isEmpty = fallback === undefined || fallback === '' || (typeof fallback === 'object' && Object.keys(fallback ?? {}).length === 0)
    return tableRow([`\`${name}\``, isEmpty ? '' : `\`${JSON.stringify(fallback).replaceAll('"', '')}\``, description])
  })
  return [tableRow(['field', 'default', 'meaning']), tableRow(['---', '---', '---']), ...rows].join('\n')
}

/** Replaces what stands between the markers of `name`. Throws when the text does not hold them once each, in order. */
export function replaceBlock (text: string, name: string, block: string): string {
  const open = `<!-- generated:${name} -->`
  const close = `<!-- /generated:${name} -->`
  const [before, rest, ...more] = text.split(open)
  const [, after, ...others] = rest?.split(close) ?? []
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Error(`the text must hold ${open} and after it ${close}, once each`)
  }
  return `${before}${open}\n${block}\n${close}${after}`
}

/** The text with every generated block that it marks made anew. */
export async function renew (text: string): Promise<string> {
  let renewed = text
  for (const [name, make] of Object.entries(BLOCKS)) {
    if (text.includes(`generated:${name} -->`)) renewed = replaceBlock(renewed, name, await make())
  }
  return renewed
}

function fallbackOf (notes: SettingNotes): string {
  return notes.default === undefined ? notes.unset ?? '' : `\`${notes.default}\``
}

function boundsOf ({ format, least, most, choices }: SettingNotes): string {
  if (choices !== undefined) return `; one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`
  if (least === undefined || most === undefined) return ''
  return `; ${format === 'number' ? '' : `${format}, `}${least} to ${most}`
}

function tableRow (cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

async function main (args: string[]): Promise<void> {
  const isCheck = args.includes('--check')
  const named = args.filter((arg) => !arg.startsWith('--'))
  for (const file of named.length > 0 ? named : FILES.map((file) => join(ROOT, file))) await renewFile(file, isCheck)
}

async function renewFile (file: string, isCheck: boolean): Promise<void> {
  const text = readFileSync(file, 'utf8')
  const current = await renew(text)
  if (current === text) return
  if (!isCheck) return writeFileSync(file, current)
  console.error(`${file} is not current: run npm run docs`)
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
