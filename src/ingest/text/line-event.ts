import { textFault } from '../../core/faults.ts'
import type { NormaliseContext } from '../draft.ts'
import { composeMeta } from '../meta.ts'
import { belowMinimum, type Judged, type Rejection } from '../normalise.ts'
import { readLine } from './line.ts'

/**
 * Makes an event of a line of text, which is the message as it is. Its time and level are those that its head tells, or its
 * fields when it is one JSON object or pairs like level=warn; these may name service, host and trace too. `message` is decoded
 * UTF-8, not empty, within the limit.
 */
export function lineEvent (message: string, context: NormaliseContext): Judged | Rejection {
  const { now, stamp, rules, severityOf } = context
  const told = readLine(message, context)
  const level = told.level ?? stamp.level ?? 'INFO'
  const fault = textFault(message) ?? belowMinimum(level, rules)
  if (fault !== undefined) return { faults: [{ path: '', message: fault }] }
  const { service, host, traceId, ms, notes } = told
  return {
    time: ms ?? now,
    level,
    severity: severityOf(level),
    service,
    type: stamp.type ?? null,
    host,
    traceId,
    clientId: null,
    idHint: null,
    message,
    meta: composeMeta({ sent: undefined, kept: told.kept, type: null, env: rules?.env ?? null }, []),
    isTimed: ms !== undefined,
    ...(notes === undefined ? {} : { notes })
  }
}
