import { severityOfLevel } from '../../src/detect/severity.ts'
import { AppError, type Fault } from '../../src/core/errors.ts'
import { decodeBody, type Decoded } from '../../src/ingest/decode.ts'
import type { BodyFormat } from '../../src/ingest/format.ts'
import { parseJson } from '../../src/ingest/json/read-json.ts'
import type { NormaliseContext, Stamp } from '../../src/ingest/draft.ts'
import { normaliseEvent, type Judged } from '../../src/ingest/normalise.ts'
import { emptySlice, type Slice } from '../../src/ingest/slices.ts'

export const NOW = Date.UTC(2026, 5, 1, 12)

export function contextOf (stamp: Stamp = {}): NormaliseContext {
  return { now: NOW, stamp, severityOf: severityOfLevel }
}

/** Reads one accepted event. Throws its faults when it is refused. */
export function accepted (input: unknown, stamp?: Stamp): Judged {
  const result = normaliseEvent(input, contextOf(stamp))
  if ('faults' in result) throw new Error(`refused: ${JSON.stringify(result.faults)}`)
  return result
}

export function acceptedText (json: string): Judged {
  return accepted(parseJson(json))
}

/** The faults of a refused event; empty when it is accepted. */
export function faultsOf (input: unknown): Fault[] {
  const result = normaliseEvent(input, contextOf())
  return 'faults' in result ? result.faults : []
}

export function pathsOf (input: unknown): string[] {
  return faultsOf(input).map((fault) => fault.path)
}

export function metaOf (input: unknown): unknown {
  const { meta } = accepted(input)
  return meta === null ? null : JSON.parse(meta)
}

export function decode (body: string | Buffer, format: BodyFormat, stamp?: Stamp, maxBatch = 10_000): Decoded {
  return decodeBody({ body: Buffer.from(body), format, context: contextOf(stamp), maxBatch })
}

export function slicesOf (body: string | Buffer, format: BodyFormat, stamp?: Stamp): Slice[] {
  const decoded = decode(body, format, stamp)
  return decoded.kind === 'many' ? [...decoded.slices] : []
}

/** All slices as one. */
export function sliceOf (body: string | Buffer, format: BodyFormat, stamp?: Stamp): Slice {
  const slices = slicesOf(body, format, stamp)
  return {
    events: slices.flatMap((slice) => slice.events),
    indexes: slices.flatMap((slice) => slice.indexes),
    rejected: slices.flatMap((slice) => slice.rejected),
    noted: slices[0]?.noted ?? emptySlice().noted
  }
}

/** The AppError that `run` throws, as text "code: message"; a note when it throws none. */
export function refusal (run: () => unknown): string {
  try {
    run()
    return 'nothing was thrown'
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`
    throw error
  }
}
