import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Receiver, status } from '../../notify/receiver.ts'
import { broken, type Result } from '../case.ts'
import { TOKEN, withService } from '../service-process.ts'
import { choiceOf, interpolate, panelExpressions, readDashboards, ruleExpressions, type Dashboard, type Expression } from './expressions.ts'
import { holds, Prometheus } from './prometheus.ts'
import { Traffic } from './traffic.ts'

/** Two scrapes and two evaluations of the intervals in prometheus.yml take a minute. */
const DATA_WITHIN_MS = 120_000
/** Fires with the first event; nobody takes its notices. */
const RULE = { id: 'events', name: 'Events', signal: { events: '' }, levels: { critical: { op: '>', value: 0 } }, for: '0s', channels: ['default'] }
/** Grafana's rule: four times the scrape interval of prometheus.yml. */
const RATE_INTERVAL = '1m'

/**
 * Runs the service under traffic of all kinds and Prometheus on the repository's own configuration, its intervals too. Tells
 * of every expression of a panel and of a rule that has no data in the end.
 */
export async function panelsHaveData (project: string): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-prometheus-'))
  const closers: Array<() => unknown> = []
  try {
    const receiver = await Receiver.open({ teardown: (close: () => unknown) => { closers.push(close) } }, status(503))
    const file = join(folder, 'bellwether.yaml')
    writeFileSync(file, JSON.stringify({ rules: [RULE] }))
    const settings = { INGEST_QUEUE_EVENTS: '1', WATCH_PROCESSES: 'prometheus', CONFIG_FILE: file, WEBHOOK_URL: receiver.url, WEBHOOK_ALLOW: '127.0.0.1' }
    return await withService({ settings }, async (service) => {
      const traffic = new Traffic(service.base, TOKEN)
      const prometheus = await Prometheus.start(project, `127.0.0.1:${service.port}`, folder)
      try {
        return await judge(prometheus, [...readDashboards(join(project, 'grafana', 'dashboards')).values()])
      } finally {
        await prometheus.close()
        await traffic.close()
      }
    })
  } finally {
    for (const close of closers) await close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judge (prometheus: Prometheus, dashboards: readonly Dashboard[]): Promise<Result> {
  const startedAt = performance.now()
  const isUp = async () => (await prometheus.targets()).some(({ health }) => health !== 'unknown')
  await holds(isUp, DATA_WITHIN_MS)
  const rules = await prometheus.rules()
  const expressions = [...await allOf(prometheus, dashboards), ...rules.flatMap(ruleExpressions)]
  let missing = expressions
  await holds(async () => {
    missing = await withoutData(prometheus, missing)
    return missing.length === 0
  }, DATA_WITHIN_MS)
  // What had data early on may have lost it.
  missing = await withoutData(prometheus, expressions)
  const ill = (await prometheus.rules()).filter(({ health }) => health !== 'ok')
  return {
    figures: { rules: rules.length, expressions: expressions.length, 'without data': missing.length, seconds: (performance.now() - startedAt) / 1000 },
    faults: [
      ...broken([rules.length > 0, 'Prometheus has no rules']),
      ...(await prometheus.targets()).filter(({ health }) => health !== 'up').map(({ health, lastError }) => `the target is ${health}: ${lastError}`),
      ...ill.map(({ name, health, lastError }) => `rule ${name} is ${health}: ${lastError}`),
      ...missing.map(({ from, expr }) => `no data: ${from}: ${expr}`)
    ]
  }
}

/** The expressions of all panels, with every variable at all of the values that its own query finds. */
async function allOf (prometheus: Prometheus, dashboards: readonly Dashboard[]): Promise<Expression[]> {
  const expressions: Expression[] = []
  for (const dashboard of dashboards) {
    const values: Record<string, string> = { __rate_interval: RATE_INTERVAL }
    for (const { name, query } of dashboard.variables) values[name] = choiceOf(await valuesOf(prometheus, interpolate(query, values)))
    expressions.push(...panelExpressions(dashboard).map(({ from, expr }) => ({ from, expr: interpolate(expr, values) })))
  }
  return expressions
}

async function valuesOf (prometheus: Prometheus, query: string): Promise<string[]> {
  const [, selector = '', label = ''] = /^label_values\((.+), *(\w+)\)$/.exec(query) ?? []
  const values = await prometheus.labelValues(selector, label)
  if (values.length === 0) throw new Error(`the choice ${query} finds nothing`)
  return values
}

async function withoutData (prometheus: Prometheus, expressions: readonly Expression[]): Promise<Expression[]> {
  const missing: Expression[] = []
  for (const expression of expressions) {
    const samples = await prometheus.query(expression.expr)
    if (!samples.some(({ value }) => Number.isFinite(value))) missing.push(expression)
  }
  return missing
}
