import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A query of a panel, or the part of a rule that must have data. */
export interface Expression {
  /** Dashboard and panel, or rule. */
  from: string
  expr: string
}

export interface Dashboard {
  title: string
  panels: Panel[]
  /** The choices at the top, in their order; a later one may use an earlier one. */
  variables: { name: string, query: string }[]
}

export interface Panel {
  id: number
  type: string
  title: string
  description: string
  unit: string
  at: { x: number, y: number, w: number, h: number }
  expressions: string[]
  legends: string[]
}

/** A row of a rule file, as Prometheus lists it. */
export interface Rule { name: string, query: string, type: 'recording' | 'alerting' }

/** Every dashboard of a folder by its file's name. */
export function readDashboards (folder: string): Map<string, Dashboard> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return new Map(files.map((file) => [file, parseDashboard(readFileSync(join(folder, file), 'utf8'))]))
}

function parseDashboard (text: string): Dashboard {
  const { title, panels, templating } = JSON.parse(text) as {
    title: string
    panels: (Pick<Panel, 'id' | 'type' | 'title' | 'description'> & {
      gridPos: Panel['at']
      fieldConfig?: { defaults?: { unit?: string } }
      options?: { yAxis?: { unit?: string } }
      targets?: { expr: string, legendFormat?: string }[]
    })[]
    templating: { list: { name: string, query: { query: string } }[] }
  }
  return {
    title,
    variables: templating.list.map(({ name, query }) => ({ name, query: query.query })),
    panels: panels.filter(({ type }) => type !== 'row').map(({ id, type, title, description, gridPos, fieldConfig, options, targets = [] }) => ({
      id,
      type,
      title,
      description,
      unit: fieldConfig?.defaults?.unit ?? options?.yAxis?.unit ?? '',
      at: gridPos,
      expressions: targets.map(({ expr }) => expr),
      legends: targets.map(({ legendFormat }) => legendFormat ?? '')
    }))
  }
}

export function panelExpressions (dashboard: Dashboard): Expression[] {
  return dashboard.panels.flatMap(({ title, expressions }) => expressions.map((expr) => ({ from: `${dashboard.title}: ${title}`, expr })))
}

/** Fills in variables as Grafana does: `$name` and `${name}`. A variable without a value is an error. */
export function interpolate (expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, bare: string | undefined) => {
    const value = values[braced ?? bare ?? '']
    if (value === undefined) throw new Error(`nothing known for $${braced ?? bare} in ${expr}`)
    return value
  })
}

/** What `=~"$name"` gets from Grafana when several values are chosen, or all. */
export function choiceOf (values: readonly string[]): string {
  const escaped = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&'))
  return escaped.length === 1 ? escaped.join() : `(${escaped.join('|')})`
}

/** The parts of a rule that must have data: all of a recording rule; of an alert each condition without its comparison. */
export function ruleExpressions ({ name, query, type }: Rule): Expression[] {
  const parts = type === 'recording' ? [query] : query.split(/\s+and\s+/).map((part) => part.replace(/\s*(?:[<>]=?|[!=]=)\s*[\d.e+-]+$/, ''))
  return parts.map((expr) => ({ from: `rule ${name}`, expr }))
}

/** The names of the series that an expression reads. What stands in quotes, in brackets or behind `by` are labels and ranges. */
export function metricsIn (expr: string): string[] {
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/\{[^}]*\}|\[[^\]]*\]/g, ' ').replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
  const words = [...bare.matchAll(/(?<![\w:.$])[a-zA-Z_:][\w:]*(?![\w:])(?!\s*\()/g)].map(([word]) => word)
  return [...new Set(words.filter((word) => !['and', 'or', 'unless', 'bool', 'offset'].includes(word)))]
}
