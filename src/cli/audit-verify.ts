import { AppError } from '../core/errors.ts'
import { anchorFile, readAnchor, type Anchor } from '../store/hot/access/audit-anchor.ts'
import { checkAudit, type AuditFault } from '../store/hot/access/audit-check.ts'
import { refuseUnfit } from '../store/hot/files/checks.ts'
import { withDatabase } from '../store/hot/offline.ts'

export interface Verdict {
  kind: 'whole' | AuditFault['kind']
  /** One line for a person, and one with the newest entry to be kept elsewhere. */
  text: string
}

/**
 * Checks the audit of a data folder, also beside a running service: the chain itself, and that it still holds the entry that the
 * anchor names and the one that somebody kept of an earlier check. Throws `not_found` when there is no store.
 */
export async function verifyAudit (dataDir: string, kept?: Anchor): Promise<Verdict> {
  const { file, isNew } = refuseUnfit(dataDir, 'write')
  if (isNew) throw new AppError('not_found', `there is no store in ${dataDir}: say where it is with --data-dir`)
  const anchor = readAnchor(anchorFile(file))
  const anchors = [anchor, kept].filter((item) => item !== undefined)
  const { entries, head, fault } = await withDatabase(dataDir, (db) => checkAudit(db, anchors))
  const found = fault ?? (anchor === undefined && entries > 0 ? withoutAnchor(file) : undefined)
  const text = found === undefined ? `${countOf(entries)}, chain whole` : textOf(found, countOf(entries))
  return { kind: found?.kind ?? 'whole', text: `${text}\nhead ${head.id}:${head.hash}` }
}

function withoutAnchor (file: string): AuditFault {
  return { kind: 'missing', text: `${anchorFile(file)} is not there or was cut short: whether there were newer entries cannot be told` }
}

/** Nobody needs to have changed anything for entries to be missing. */
function textOf ({ kind, text }: AuditFault, count: string): string {
  if (kind === 'broken') return `the audit is broken after ${count}: ${text}`
  return `${count}, chain whole, but the newest part is missing: ${text}. They were removed, a backup was put back, or a power cut took them under DURABILITY=fast`
}

function countOf (entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`
}
