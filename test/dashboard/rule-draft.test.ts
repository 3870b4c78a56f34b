import { test } from 'tap'
import { draftFaults, draftOf, draftRule, isChanged, reachOf, savesOf, stepOf } from '../../dashboard/pages/alerts/rule-draft.ts'
import { viewOf } from './support.ts'

const levels = { warning: { op: '>', value: 80, recover: 70 }, critical: { op: '>', value: 95, channels: ['pager'] } } as const
const rule = viewOf({ name: 'Heat', signal: { metric: 'heat' }, levels: { warning: { ...levels.warning }, critical: { ...levels.critical, channels: ['pager'] } }, for: '2m', channels: ['team'] })
const cpu = { ...rule, id: 'builtin-cpu', origin: 'builtin' as const }
const warning = draftOf(rule).levels.warning ?? { op: '>' as const, value: '', recover: '', channels: undefined }

test('a draft that nobody touched says the rule, and has nothing to save', (t) => {
  t.same(draftRule(rule, draftOf(rule)), rule)
  t.notOk(isChanged(rule, draftOf(rule)))
  t.same(savesOf(rule, draftOf(rule)), [])
  t.end()
})

test('a rule of the API is said anew, without where it comes from', (t) => {
  const draft = draftOf(rule)
  const [save] = savesOf(rule, { ...draft, levels: { warning: { ...warning, value: '85', recover: '' } } })

  t.match(save, { method: 'PUT', path: '/rules/rule_1', body: { levels: { warning: { op: '>', value: 85 } }, channels: ['team'] } })
  t.same(Object.keys(save?.body ?? {}).filter((name) => ['id', 'version', 'origin', 'created_at', 'updated_at'].includes(name)), [])
  t.notOk(JSON.stringify(save).includes('recover'))
  t.end()
})

test('limits of a built-in rule are thresholds, its channels are its own', (t) => {
  const draft = draftOf(cpu)
  const moved = { ...draft, for: '5m', levels: { ...draft.levels, warning: { ...warning, value: '75' } } }

  t.same(savesOf(cpu, moved), [{ method: 'PATCH', path: '/config', body: { thresholds: { cpu_percent: { warning: 75, for: '5m' } } } }])
  t.same(savesOf(cpu, { ...moved, channels: [] }).map(({ path }) => path), ['/config', '/rules/builtin-cpu'])
  t.same(savesOf({ ...cpu, id: 'builtin-disk' }, { ...moved, channels: [] }).map(({ path }) => path), ['/rules/builtin-disk'])
  t.same(savesOf({ ...rule, origin: 'file' }, moved), [], 'what stands in a file is changed there')
  t.same([rule, cpu, { ...cpu, id: 'builtin-disk' }, { ...rule, origin: 'file' as const }].map(reachOf), ['all', 'thresholds', 'channels', 'nothing'])
  t.end()
})

test('what is wrong with a draft stands at its field', (t) => {
  const draft = draftOf(rule)
  const faulty = (change: object): string[] => Object.keys(draftFaults({ ...draft, ...change }))
  const levelled = (value: string, recover = ''): string[] => faulty({ levels: { warning: { ...warning, value, recover }, critical: { ...warning, value: '95', recover: '' } } })

  t.same(faulty({}), [])
  t.same(faulty({ name: ' ', for: 'soon', levels: {} }), ['name', 'for', 'levels'])
  t.same(levelled('x'), ['warning.value'])
  t.same(levelled(''), ['warning.value'])
  t.same(levelled('80', '90'), ['warning.recover'])
  t.same(levelled('80', 'x'), ['warning.recover'])
  t.same(levelled('96'), ['warning.value'], 'a warning comes before critical')
  t.same(levelled('95'), [])
  t.end()
})

test('a limit moves by a step that suits its unit', (t) => {
  t.same([stepOf('percent', 80), stepOf('ms', 800), stepOf('bytes', 1e9), stepOf(null, 5), stepOf(null, 4_000), stepOf('seconds', 2)], [1, 10, 1_000_000, 1, 100, 0.1])
  t.end()
})
