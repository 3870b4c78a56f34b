import { auditRecord, COMMAND_LINE } from '../access/audit.ts'
import { systemClock } from '../core/clock.ts'
import { configOf, say, type Flags } from './command.ts'
import { appendAudit } from '../store/hot/access/audit.ts'
import { recoverStore, type Recovered } from '../store/hot/files/recover.ts'

/** What an operator looks for first. */
const TABLES: Readonly<Record<string, string>> = {
  users: 'users', tokens: 'tokens', rules: 'rules', channels: 'channels', silences: 'silences', maintenances: 'maintenance windows', settings: 'settings', alerts: 'alerts', notices: 'notices', audit: 'entries of the audit'
}

/** Gets back what can be read of a store that was damaged, and tells how much that was. */
export async function recover (flags: Flags, [from]: string[]): Promise<number> {
  const recovered = await recoverStore(configOf(flags).dataDir, from, async (connection, { events, holes, from: target }) => {
    await appendAudit(connection, [auditRecord({ action: 'store.recover', actor: COMMAND_LINE, from: undefined, target, detail: { events, holes } }, systemClock.now())])
  })
  return say(reportOf(recovered), recovered.rows['users'] === 0 ? 'no user was found: whoever registers first on the machine itself becomes admin' : undefined)
}

function reportOf ({ from, file, events, expected, rows, holes }: Recovered): string {
  const lines = Object.entries(TABLES).map(([table, name]) => `  ${rows[table] ?? 0} ${name}`)
  const whole = expected > events ? ` of ${expected}` : ''
  return [
    `recovered into ${file}:`,
    `  ${events}${whole} events`,
    ...lines,
    holes === 0 ? 'all that the file holds could be read' : `${holes} stretches could not be read`,
    `${from} stays as it is: move it away when nothing of it is missed`
  ].join('\n')
}
