import { test } from 'tap'
import type { NewRule } from '../../schemas/rule.ts'
import { addresseesProbe } from '../../src/health/channel-check.ts'
import { compileRule, completeRule } from '../../src/rules/compile.ts'

const LOAD: NewRule = { name: 'Load', signal: { metric: 'host_load1' }, levels: { warning: { op: '>', value: 4 }, critical: { op: '>', value: 9, channels: ['siren'] } }, channels: ['pager'] }

function probe (rule: NewRule, present: readonly string[], off: readonly string[] = []) {
  const compiled = [compileRule(completeRule('load', rule), { intervalMs: 0 })]
  const channels = {
    unknownOf: (names: readonly string[]) => names.filter((name) => !present.includes(name)),
    switchedOff: (names: readonly string[]) => names.filter((name) => off.includes(name)),
    idsOf: () => present.filter((name) => name === 'default')
  }
  return addresseesProbe({ compiled }, channels)()
}

test('rules that name a channel that there is not degrade the health, unless nobody is to be told anyway', async (t) => {
  t.match(probe(LOAD, ['pager', 'siren']), { status: 'ok', detail: /are there/ })
  t.match(probe(LOAD, ['pager']), { status: 'degraded', detail: /rules name "siren"/ })
  t.match(probe(LOAD, ['pager', 'siren'], ['pager']), { status: 'degraded', detail: /^"pager" is switched off/ })
  t.match(probe({ ...LOAD, channels: [] }, ['siren', 'default'], ['default']), { status: 'degraded', detail: /^"default" is switched off/ })
  t.match(probe({ ...LOAD, draft: true }, []), { status: 'ok' })
  t.match(probe({ ...LOAD, enabled: false }, []), { status: 'ok' })
})

test('rules without a channel degrade the health while there is none for them', async (t) => {
  const critical = { op: '>' as const, value: 9, channels: ['siren'] }

  t.match(probe({ ...LOAD, channels: [] }, ['siren']), { status: 'degraded', detail: /no channel is called default; set WEBHOOK_URL/ })
  t.match(probe({ ...LOAD, levels: { critical }, channels: [] }, ['siren']), { status: 'ok' }, 'each of its levels has one')
  t.match(probe({ ...LOAD, channels: [] }, ['siren', 'default']), { status: 'ok', detail: /are there/ })
})
