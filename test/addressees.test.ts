import { test } from 'tap'
import type { NewRule } from '../schemas/rule.ts'
import { addresseesProbe } from '../src/addressees.ts'
import { compileRule, completeRule } from '../src/rules/compile.ts'

const LOAD: NewRule = { name: 'Load', signal: { metric: 'host_load1' }, levels: { warning: { op: '>', value: 4 }, critical: { op: '>', value: 9, channels: ['siren'] } }, channels: ['pager'] }

function probe (rule: NewRule, present: readonly string[]) {
  const compiled = [compileRule(completeRule('load', rule), { intervalMs: 0 })]
  const channels = {
    unknownOf: (names: readonly string[]) => names.filter((name) => !present.includes(name)),
    idsOf: () => present.filter((name) => name === 'default')
  }
  return addresseesProbe({ compiled }, channels)()
}

test('rules that name a channel that there is not degrade the health, unless nobody is to be told anyway', async (t) => {
  t.match(probe(LOAD, ['pager', 'siren']), { status: 'ok', detail: /are there/ })
  t.match(probe(LOAD, ['pager']), { status: 'degraded', detail: /rules name "siren"/ })
  t.match(probe({ ...LOAD, draft: true }, []), { status: 'ok' })
  t.match(probe({ ...LOAD, enabled: false }, []), { status: 'ok' })
})

test('that rules without a channel tell nobody is said, and is no fault', async (t) => {
  t.match(probe({ ...LOAD, channels: [] }, ['siren']), { status: 'ok', detail: /no channel is called default/ })
  t.match(probe({ ...LOAD, channels: [] }, ['siren', 'default']), { status: 'ok', detail: /are there/ })
})
