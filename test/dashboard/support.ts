import type { AlertFile } from '../../schemas/alert.ts'
import type { RuleView } from '../../schemas/rule.ts'
import { isoTime } from '../../src/core/clock.ts'
import { completeRule } from '../../src/rules/compile.ts'

const T0 = Date.UTC(2026, 0, 5, 12, 0, 0)

/** So many seconds after the beginning of the story. */
export const at = (seconds: number): number => T0 + seconds * 1_000
export const iso = (seconds: number): string => isoTime(at(seconds))

export function viewOf (rule: Parameters<typeof completeRule>[1], id = 'rule_1'): RuleView {
  return { ...completeRule(id, rule), version: 1, origin: 'api', created_at: iso(0), updated_at: iso(0) }
}

interface Story {
  started: number
  fired: number | null
  ended: number | null
  severity?: 'warning' | 'critical'
}

/** An alert that was crossed, fired and ended so many seconds after the beginning. */
export function fileOf ({ started, fired, ended, severity = 'warning' }: Story, facts: Partial<AlertFile> = {}): AlertFile {
  const entry = { severity, value: 1, rule_version: 1 }
  const fires = { ...entry, event_id: 'evt_1', sequence: 1, from: 'pending', to: 'firing', reason: 'crossed' } as const
  const ends = { ...entry, event_id: 'evt_2', sequence: 2, from: 'firing', to: 'resolved', reason: 'recovered' } as const
  return {
    id: 'alr_1',
    rule: { id: 'rule_1', name: 'Heat', version: 1 },
    state: ended !== null ? 'resolved' : fired === null ? 'pending' : 'firing',
    severity,
    value: 1,
    limit: 1,
    unit: '',
    labels: {},
    flapping: false,
    draft: false,
    started_at: iso(started),
    fired_at: fired === null ? null : iso(fired),
    ended_at: ended === null ? null : iso(ended),
    acknowledged_by: null,
    acknowledged_at: null,
    acknowledged_until: null,
    note: null,
    silenced_by: null,
    annotations: {},
    evidence: null,
    deliveries: [],
    held_back: [],
    timeline: [...fired === null ? [] : [{ ...fires, time: iso(fired) }], ...ended === null ? [] : [{ ...ends, time: iso(ended) }]],
    ...facts
  }
}
