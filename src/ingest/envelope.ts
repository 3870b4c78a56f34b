import { AppError } from '../core/errors.ts'
import { parseLevel } from '../core/levels.ts'
import { textFault } from '../core/faults.ts'
import { formatOf, type BodyFormat } from './format.ts'
import type { Stamp } from './draft.ts'

/** What a request says of its body, as it was sent. */
export interface RawEnvelope {
  contentType: string | undefined
  contentEncoding: string | undefined
  idempotencyKey: string | undefined
  stamp: { service?: string, level?: string, type?: string, host?: string }
  dry?: '0' | '1'
  import?: 'true' | 'false' | '1' | '0'
  items?: 'all'
}

/** What it means. */
export interface Envelope {
  format: BodyFormat | 'form'
  encoding: string | undefined
  key: string | undefined
  stamp: Stamp
  /** Judge all, store nothing. */
  isDry: boolean
  /** What it holds happened before: no rule counts it as received now. */
  isImport: boolean
  /** List the accepted items too. */
  listsAll: boolean
}

const FORM = /^application\/x-www-form-urlencoded\b/i

/** Throws `unsupported` for a content type that is none of ours, `invalid` for a bad level or key. */
export function readEnvelope ({ contentType, contentEncoding, idempotencyKey, stamp, dry, items, import: imported }: RawEnvelope): Envelope {
  const format = FORM.test(contentType ?? '') ? 'form' : formatOf(contentType)
  if (format === undefined) throw unsupported(contentType)
  return {
    format,
    encoding: contentEncoding,
    key: idempotencyKey === undefined ? undefined : readKey(idempotencyKey),
    stamp: readStamp(stamp),
    isDry: dry === '1',
    isImport: imported === 'true' || imported === '1',
    listsAll: items === 'all'
  }
}

export function unsupported (contentType: string | undefined): AppError {
  return new AppError('unsupported',
    `content-type ${JSON.stringify(contentType ?? '')} is not taken: send application/json, application/x-ndjson or text/plain, in UTF-8`)
}

function readStamp ({ level, ...names }: RawEnvelope['stamp']): Stamp {
  for (const [name, text] of Object.entries(names)) {
    const fault = textFault(text)
    if (fault !== undefined) throw new AppError('invalid', `${name}: ${fault}`, { faults: [{ path: name, message: fault }] })
  }
  if (level === undefined) return names
  const known = parseLevel(level)
  if (known !== undefined) return { ...names, level: known }
  const message = `"${level}" is no level: use TRACE, DEBUG, INFO, WARN, ERROR or FATAL`
  throw new AppError('invalid', `level: ${message}`, { faults: [{ path: 'level', message }] })
}

/** A structured-field string (in quotes) or the bare text. */
function readKey (header: string): string {
  const key = header.trim().replace(/^"(.*)"$/, '$1')
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key
  const message = 'must be 1 to 255 printable ASCII characters'
  throw new AppError('invalid', `Idempotency-Key: ${message}`, { faults: [{ path: 'Idempotency-Key', message }] })
}
