import { Value } from '@sinclair/typebox/value'
import { test } from 'tap'
import { Integration, TelexMessage, Tick, type TickThresholds } from '../../schemas/integration.ts'
import { integrationOf, judgeReturnUrl, NOT_FOR_TICKS, readTickSettings, tickMessage } from '../../src/notify/integration.ts'
import { parseHosts } from '../../src/core/net/host-list.ts'

const THRESHOLDS: TickThresholds = {
  cpu_percent: { warning: 80, critical: 95 },
  memory_percent: { warning: 85, critical: 95 },
  latency_p95_ms: { warning: 100, critical: 500 }
}

/** A setting as Telex sends it. */
function sent (label: string, value: unknown): { label: string, type: string, required: boolean, default: unknown } {
  return { label, type: 'text', required: true, default: value }
}

test('the integration is what Telex reads of an interval integration', async (t) => {
  const integration = integrationOf('https://ops.example.com', THRESHOLDS)

  t.same([...Value.Errors(Integration, integration)], [])
  t.match(integration.data, {
    descriptions: { app_name: 'Bellwether', app_url: 'https://ops.example.com' },
    is_active: true,
    integration_category: 'Performance Monitoring',
    integration_type: 'interval',
    website: 'https://ops.example.com',
    target_url: '',
    tick_url: 'https://ops.example.com/tick'
  })
  t.same(integration.data.settings[0], { label: 'interval', type: 'text', required: true, default: '* * * * *' })
})

test('the thresholds that hold are the defaults of the settings', async (t) => {
  const { settings } = integrationOf('http://localhost:8080', THRESHOLDS).data

  t.same(settings.slice(1).map(({ label, type, default: value }) => [label, type, value]), [
    ['cpu_percent.warning', 'number', 80],
    ['cpu_percent.critical', 'number', 95],
    ['memory_percent.warning', 'number', 85],
    ['memory_percent.critical', 'number', 95],
    ['latency_p95_ms.warning', 'number', 100],
    ['latency_p95_ms.critical', 'number', 500]
  ])
})

test('what the integration offers is what a tick understands, unchanged or changed', async (t) => {
  const { settings } = integrationOf('http://localhost:8080', THRESHOLDS).data
  const changed = settings.map((setting) => setting.label === 'cpu_percent.warning' ? { ...setting, default: '50' } : setting)

  t.ok(Value.Check(Tick, { channel_id: 'c', return_url: 'https://ping.telex.im/v1/return/c', settings }))
  t.same(readTickSettings(settings, THRESHOLDS), { thresholds: THRESHOLDS, faults: [] })
  t.same(readTickSettings(changed, THRESHOLDS).thresholds, { ...THRESHOLDS, cpu_percent: { warning: 50, critical: 95 } })
})

test('a setting counts by its label, in any case and whatever stands between its words', async (t) => {
  for (const label of ['cpu_percent.warning', 'CPU percent warning', 'Cpu-Percent: Warning', 'cpuPercentWarning']) {
    t.equal(readTickSettings([sent(label, 42)], THRESHOLDS).thresholds.cpu_percent.warning, 42, label)
  }
  for (const label of ['interval', 'cpu', 'cpu_percent', 'warning', '', '__proto__']) {
    t.same(readTickSettings([sent(label, 42)], THRESHOLDS), { thresholds: THRESHOLDS, faults: [] }, label)
  }
})

test('values are numbers or texts of numbers; an empty one changes nothing; what will not do is told with its path', async (t) => {
  for (const [value, read] of [[0, 0], [95, 95], [' 42.5 ', 42.5], ['0', 0], ['', 80], [null, 80], [undefined, 80]] as const) {
    t.same(readTickSettings([sent('cpu_percent.warning', value)], THRESHOLDS), { thresholds: { ...THRESHOLDS, cpu_percent: { warning: read, critical: 95 } }, faults: [] }, String(value))
  }
  for (const value of [-1, 100.5, 'high', '1e1', '0x10', ' ', NaN, Infinity, true, [], {}]) {
    t.same(readTickSettings([sent('interval', '* * * * *'), sent('cpu_percent.warning', value)], THRESHOLDS), {
      thresholds: THRESHOLDS,
      faults: [{ path: '/settings/1/default', message: 'CPU must be a number of %, 0..100' }]
    }, String(value))
  }
})

test('a warning above the critical limit is told, and the thresholds that hold stay as they were', async (t) => {
  const { faults } = readTickSettings([sent('latency_p95_ms.warning', 501)], THRESHOLDS)

  t.same(faults, [{ path: '/settings', message: 'latency_p95_ms.warning must not be above latency_p95_ms.critical' }])
  t.equal(THRESHOLDS.latency_p95_ms.warning, 100)
})

test('a tick\'s answer goes to hosts that were named, and to loopback only where the guard was told so too', async (t) => {
  const nobody = parseHosts([], 'WEBHOOK_ALLOW')
  const tickHosts = parseHosts(['*.telex.im', '127.0.0.1'], 'TICK_ALLOW')
  const refusal = (text: string, allow = nobody) => judgeReturnUrl(text, { tickHosts, allow }).refusal

  for (const text of ['https://ping.telex.im/v1/return/c', 'https://api.ping.telex.im/v1/webhooks/c', 'http://ping.telex.im/', 'https://ping.telex.im:443/']) t.equal(refusal(text), undefined, text)
  for (const text of ['https://telex.im.evil.example/', 'https://eviltelex.im/', 'https://8.8.8.8/', 'https://telex.im/']) t.equal(refusal(text), NOT_FOR_TICKS, text)
  for (const host of ['127.0.0.1', '169.254.169.254', 'localhost.', '0x7f.1', '[::ffff:127.0.0.1]']) t.equal(refusal(`http://${host}/`), NOT_FOR_TICKS, host)
  t.equal(refusal('http://127.0.0.1:9/', parseHosts(['127.0.0.1'], 'WEBHOOK_ALLOW')), undefined)
  t.match(refusal('https://user@ping.telex.im/'), /user name/)
})

test('a host of TICK_ALLOW means the ports of the web, unless one is named there or WEBHOOK_ALLOW lets the host be called', async (t) => {
  const refusal = (text: string, item: string, allow = '10.0.0.1') => judgeReturnUrl(text, { tickHosts: parseHosts([item], 'TICK_ALLOW'), allow: parseHosts([allow], 'WEBHOOK_ALLOW') }).refusal

  for (const item of ['*.telex.im', 'ping.telex.im']) {
    for (const port of [22, 6379, 8080]) t.equal(refusal(`http://ping.telex.im:${port}/`, item), NOT_FOR_TICKS, `${item} ${port}`)
    t.equal(refusal('http://ping.telex.im:8080/', `${item}:8080`), undefined)
    t.equal(refusal('https://ping.telex.im/', `${item}:8080`), NOT_FOR_TICKS)
  }
  t.equal(refusal('http://8.8.8.8:25/', '8.8.8.0/24'), NOT_FOR_TICKS)
  t.equal(refusal('http://10.0.0.1:9000/', '10.0.0.1'), undefined)
  t.equal(refusal('http://10.0.0.1:9000/', '10.0.0.1', '10.0.0.1:9001'), NOT_FOR_TICKS)
})

test('a tick is answered with a line for each figure, and the worst of them is the status', async (t) => {
  const fine = { cpu_percent: 12.345, memory_percent: 60, latency_p95_ms: null }

  t.same(tickMessage(fine, THRESHOLDS), {
    event_name: 'Performance check',
    message: 'CPU: 12.35 %, fine (warning at 80, critical at 95)\nMemory: 60 %, fine (warning at 85, critical at 95)\nLatency p95: not measured yet',
    status: 'success',
    username: 'Bellwether'
  })
  for (const [latency, status, word] of [[99.9, 'success', 'fine'], [100, 'warning', 'warning'], [499, 'warning', 'warning'], [500, 'error', 'critical']] as const) {
    const message = tickMessage({ ...fine, latency_p95_ms: latency }, THRESHOLDS)
    t.ok(Value.Check(TelexMessage, message))
    t.match(message, { status, message: new RegExp(`Latency p95: ${latency} ms, ${word} \\(warning at 100, critical at 500\\)$`) })
  }
  t.equal(tickMessage({ cpu_percent: 96, memory_percent: 90, latency_p95_ms: 1 }, THRESHOLDS).status, 'error')
})
