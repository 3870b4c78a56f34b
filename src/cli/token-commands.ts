import { SCOPES } from '../../schemas/words.ts'
import { LEVELS } from '../../schemas/words.ts'
import { isScope, newToken, type NewToken } from '../access/access-control.ts'
import { auditRecord, COMMAND_LINE } from '../access/audit.ts'
import { systemClock } from '../core/clock.ts'
import { configOf, say, sayTable, timeCell, UsageError, type Flags } from './command.ts'
import { AppError } from '../core/errors.ts'
import { withActs } from '../store/hot/access/acts.ts'
import { withDatabase } from '../store/hot/offline.ts'
import { insertToken, listTokens, revokeToken } from '../store/hot/access/tokens.ts'

const DAY_MS = 86_400_000

export async function createToken ({ name = '', scope = 'ingest', 'expires-days': days, service, env, 'min-level': level, ...flags }: Flags): Promise<number> {
  const now = systemClock.now()
  const expiresAt = days === undefined ? null : now + readDays(days) * DAY_MS
  const token: NewToken = { name: readName(name), scopes: readScopes(scope), expiresAt, stamp: {}, createdBy: COMMAND_LINE.name }
  if (service !== undefined) token.stamp = { ...token.stamp, service }
  if (env !== undefined) token.stamp = { ...token.stamp, env }
  if (level !== undefined) token.minLevel = readLevel(level)
  const { record, secret } = newToken(token, now)
  const act = auditRecord({ action: 'token.create', actor: COMMAND_LINE, from: undefined, target: record.id, detail: { name: record.name, scopes: record.scopes } }, now)
  await withDatabase(configOf(flags).dataDir, (_db, connection) => withActs(insertToken)(connection, { ...record, acts: [act] }))
  return say(`${secret}\n`, `token ${record.id} "${record.name}" may ${record.scopes.join(', ')}; it is shown this once`)
}

export async function printTokens (flags: Flags): Promise<number> {
  const tokens = await withDatabase(configOf(flags).dataDir, listTokens)
  return sayTable(
    ['id', 'name', 'scopes', 'created', 'last used', 'expires', 'revoked'],
    tokens.map(({ id, name, scopes, createdAt, lastUsedAt, expiresAt, revokedAt }) =>
      [id, name, scopes.join(','), timeCell(createdAt), timeCell(lastUsedAt), timeCell(expiresAt), timeCell(revokedAt)]))
}

export async function endToken (flags: Flags, [id]: string[]): Promise<number> {
  if (id === undefined) throw new UsageError('say which token: bellwether token revoke ID (see token list)')
  const now = systemClock.now()
  const act = auditRecord({ action: 'token.revoke', actor: COMMAND_LINE, from: undefined, target: id }, now)
  const isDone = await withDatabase(configOf(flags).dataDir, (_db, connection) => withActs(revokeToken)(connection, { id, now, acts: [act] }))
  if (!isDone) throw new AppError('not_found', `no token that is still good has the id "${id}"`)
  return say(`token ${id} is revoked; a running service refuses it within a second`)
}

function readName (text: string): string {
  if (text.trim() === '') throw new UsageError('a token needs a name: --name backup-server')
  return text.trim()
}

function readScopes (text: string): NewToken['scopes'] {
  const scopes = text.split(',').map((scope) => scope.trim())
  if (!scopes.every(isScope)) throw new UsageError(`--scope takes ${SCOPES.join(', ')} with commas, got "${text}"`)
  return scopes.filter(isScope)
}

function readDays (text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError(`--expires-days takes a whole number of days, got "${text}"`)
  return Number(text)
}

function readLevel (text: string): typeof LEVELS[number] {
  const level = LEVELS.find((name) => name === text.toUpperCase())
  if (level === undefined) throw new UsageError(`--min-level takes one of ${LEVELS.join(', ')}, got "${text}"`)
  return level
}
