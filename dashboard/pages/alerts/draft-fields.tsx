import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { Signal as Held } from '@preact/signals'
import type { AlertLevel, NewRule, RuleView } from '../../../schemas/rule.ts'
import { ALERT_LEVELS } from '../../../schemas/words.ts'
import { useResource } from '../../core/resource.ts'
import { param } from '../../core/router.ts'
import { range } from '../../core/times.ts'
import { Chart } from '../../ui/chart.tsx'
import type { Limit } from '../../ui/limit-handle.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { ChannelPicker } from './channel-picker.tsx'
import { LevelFields } from './level-fields.tsx'
import { ReplayNote } from './replay-note.tsx'
import { neighbourOf, replayRequest } from './replay-words.ts'
import { draftRule, stepOf, type Draft, type LevelDraft, type Reach } from './rule-draft.ts'
import { readLine, unitOfRule } from './signal-line.ts'
import { useReplay } from './use-replay.ts'

const PAST = '-7d'

interface FieldsProps {
  rule: NewRule & { id?: string }
  draft: Held<Draft>
  reach: Reach
  faults: Readonly<Record<string, string>>
  rules: readonly RuleView[]
}

/** What can be set of a rule, on a chart of what it looks at, with what it would have done. */
export function DraftFields ({ rule, draft, reach, faults, rules }: FieldsProps): JSX.Element {
  const unit = unitOfRule(rule)
  const { levels } = draft.value
  const hasLimits = reach === 'all' || reach === 'thresholds'
  const setLevel = (name: AlertLevel, change: Partial<LevelDraft> | undefined): void => {
    const other = levels[name === 'critical' ? 'warning' : 'critical']
    const given = draft.value.levels[name] ?? { op: other?.op ?? '>', value: other?.value ?? '0', recover: '', channels: undefined }
    const entries = ALERT_LEVELS.flatMap((one): Array<[AlertLevel, LevelDraft]> => {
      const level = one === name ? change === undefined ? undefined : { ...given, ...change } : draft.value.levels[one]
      return level === undefined ? [] : [[one, level]]
    })
    draft.value = { ...draft.value, levels: Object.fromEntries(entries) }
  }
  useCarriedLimit(draft, setLevel)
  return (
    <>
      <SignalChart rule={rule} unit={unit} draft={draft.value} move={hasLimits ? setLevel : undefined} />
      {ALERT_LEVELS.toReversed().map((name) => {
        const level = levels[name]
        if (level !== undefined) return <LevelFields key={name} name={name} level={level} unit={unit} isFixed={!hasLimits} isAll={reach === 'all'} isOnly={Object.keys(levels).length === 1} faults={faults} onChange={(change) => setLevel(name, change)} />
        return reach === 'all' ? <p key={name}><button type='button' class='button plain small' onClick={() => setLevel(name, {})}>Add a {name} limit</button></p> : null
      })}
      <label class='field for'><span>For at least</span>
        <input class='input' value={draft.value.for} disabled={!hasLimits} aria-invalid={faults['for'] !== undefined} onInput={({ currentTarget }) => { draft.value = { ...draft.value, for: currentTarget.value } }} />
        {faults['for'] === undefined ? null : <span class='fault'>{faults['for']}</span>}
      </label>
      <WouldHave rule={rule} draft={draft.value} unit={unit} isReady={Object.keys(faults).length === 0} />
      <ChannelPicker names={draft.value.channels} rules={rules} isFixed={reach === 'nothing'} onChange={(channels) => { draft.value = { ...draft.value, channels } }} />
    </>
  )
}

/** A limit that was moved on another page comes along in the address. */
function useCarriedLimit (draft: Held<Draft>, setLevel: (name: AlertLevel, change: Partial<LevelDraft>) => void): void {
  const carried = param('limit')
  useEffect(() => {
    const [level, value] = (carried ?? '').split(':')
    const name = ALERT_LEVELS.find((one) => one === level)
    if (name !== undefined && value !== undefined && Number.isFinite(Number(value)) && draft.value.levels[name] !== undefined) setLevel(name, { value })
  }, [carried])
}

interface SignalChartProps {
  rule: NewRule
  unit: string | null
  draft: Draft
  move: ((name: AlertLevel, change: Partial<LevelDraft>) => void) | undefined
}

/** What the rule looks at over the range of the page, with its limits to be moved. */
function SignalChart ({ rule, unit, draft, move }: SignalChartProps): JSX.Element {
  const { from, to } = range.value
  const key = JSON.stringify([rule.signal, rule.window, rule.aggregate, from, to])
  const line = useResource(key, async (signal) => await readLine({ signal: rule.signal, ...rule.window === undefined ? {} : { window: rule.window }, ...rule.aggregate === undefined ? {} : { aggregate: rule.aggregate } }, { from, to }, {}, signal) ?? null)
  const highest = useMemo(() => (line.data?.values ?? []).reduce<number>((most, value) => Math.max(most, value ?? 0), 0), [line.data])
  const limits = ALERT_LEVELS.flatMap((name): Limit[] => {
    const value = Number(draft.levels[name]?.value)
    const set = rule.levels[name]?.value
    if (draft.levels[name] === undefined || !Number.isFinite(value)) return []
    const most = unit === 'percent' ? 100 : Math.max(highest, value, set ?? 0) * 4
    return [{ value, tone: name, ...move === undefined ? {} : { move: { step: stepOf(unit, set ?? value), most, onMove: (moved: number) => move(name, { value: String(moved) }), onReset: () => move(name, { value: String(set ?? value) }) } } }]
  })
  return (
    <Loaded of={line} what='what it looks at' height={190}>
      {(data) => data === null
        ? <p class='muted'>{'ratio' in rule.signal ? 'A ratio over long windows is not drawn.' : 'Nothing has been measured of it yet.'}</p>
        : <Chart name={draft.name} unit={unit} points={data} range={range.value} height={190} limits={limits} />}
    </Loaded>
  )
}

/** The sentence with what it would have done. */
function WouldHave ({ rule, draft, unit, isReady }: { rule: NewRule & { id?: string }, draft: Draft, unit: string | null, isReady: boolean }): JSX.Element | null {
  const level = ALERT_LEVELS.find((name) => draft.levels[name] !== undefined)
  const limit = level === undefined ? undefined : draft.levels[level]
  const value = Number(limit?.value)
  const { data, error, isAsking } = useReplay(!isReady || level === undefined || limit === undefined ? undefined : replayRequest({ ...draftRule(rule, draft), name: rule.name }, PAST, { level, value: neighbourOf(value, limit.op) }))
  if (error !== undefined) return <p class='small muted' role='status'>What it would have done cannot be told: {error.message}.</p>
  if (data === undefined) return isReady ? <p class='note' role='status'>The last 7 days are replayed.</p> : null
  return <div class={isAsking ? 'stale' : ''}><ReplayNote answer={data.answer} from={data.from} unit={unit} /></div>
}
