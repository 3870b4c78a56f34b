import type { Migration } from 'kysely/migration'
import * as foundation from './001-foundation.ts'
import * as series from './002-series.ts'
import * as people from './003-people.ts'
import * as audit from './004-audit.ts'
import * as alerts from './005-alerts.ts'
import * as store from './006-store.ts'
import * as idLead from './007-id-lead.ts'
import * as imports from './008-imports.ts'
import * as keysAndWords from './009-keys-and-words.ts'
import * as ackLinks from './010-ack-links.ts'
import * as origins from './011-origins.ts'

/** Append-only, in order: a released migration is never edited. */
export const migrations: Record<string, Migration> = {
  '001-foundation': foundation,
  '002-series': series,
  '003-people': people,
  '004-audit': audit,
  '005-alerts': alerts,
  '006-store': store,
  '007-id-lead': idLead,
  '008-imports': imports,
  '009-keys-and-words': keysAndWords,
  '010-ack-links': ackLinks,
  '011-origins': origins
}
