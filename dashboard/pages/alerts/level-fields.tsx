import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { AlertLevel } from '../../../schemas/rule.ts'
import { LIMIT_OPS } from '../../../schemas/words.ts'
import { Badge } from '../../ui/badge.tsx'
import type { LevelDraft } from './rule-draft.ts'
import { opText } from './words.ts'

interface LevelFieldsProps {
  name: AlertLevel
  level: LevelDraft
  unit: string | null
  isFixed: boolean
  /** Everything of it may be changed, not its limit alone. */
  isAll: boolean
  isOnly: boolean
  faults: Readonly<Record<string, string>>
  onChange: (change: Partial<LevelDraft> | undefined) => void
}

const SIGNS: Readonly<Record<string, string>> = { percent: '%', seconds: 's', bytes_per_second: 'bytes/s' }

/** The limit of one level. */
export function LevelFields ({ name, level: { op, value, recover }, unit, isFixed, isAll, isOnly, faults, onChange }: LevelFieldsProps): JSX.Element {
  const sign = unit === null ? '' : SIGNS[unit] ?? unit
  return (
    <fieldset class='level-fields' disabled={isFixed}>
      <legend class='row'>
        <Badge tone={name}>{name === 'critical' ? 'Critical' : 'Warning'}</Badge>
        {isAll && !isOnly ? <button type='button' class='button plain small' onClick={() => onChange(undefined)}>Without it</button> : null}
      </legend>
      {isAll
        ? (
          <label class='field'><span>When it is</span>
            <select class='input' value={op} onChange={({ currentTarget }) => onChange({ op: LIMIT_OPS.find((one) => one === currentTarget.value) ?? op })}>{LIMIT_OPS.map((one) => <option key={one} value={one}>{opText(one)}</option>)}</select>
          </label>
          )
        : <div class='field'><span>When it is</span><span class='fixed'>{opText(op)}</span></div>}
      <NumberField label={`Limit${sign === '' ? '' : `, ${sign}`}`} value={value} fault={faults[`${name}.value`]} onInput={(text) => onChange({ value: text })} />
      {isAll ? <NumberField label={op.startsWith('<') ? 'Clears above' : 'Clears below'} value={recover} hint={value} fault={faults[`${name}.recover`]} onInput={(text) => onChange({ recover: text })} /> : null}
    </fieldset>
  )
}

function NumberField ({ label, value, hint, fault, onInput }: { label: string, value: string, hint?: string, fault: string | undefined, onInput: (text: string) => void }): JSX.Element {
  const id = useId()
  return (
    <div class='field'>
      <label for={id}>{label}</label>
      <input id={id} class='input mono' inputMode='decimal' value={value} placeholder={hint} aria-invalid={fault !== undefined} aria-describedby={fault === undefined ? undefined : `${id}-fault`} onInput={({ currentTarget }) => onInput(currentTarget.value)} />
      {fault === undefined ? null : <span id={`${id}-fault`} class='fault' role='alert'>{fault}</span>}
    </div>
  )
}
