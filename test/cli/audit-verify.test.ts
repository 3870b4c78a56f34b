import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import SqliteDatabase from 'better-sqlite3'
import { auditRecord } from '../../src/access/audit.ts'
import { verifyAudit } from '../../src/cli/audit-verify.ts'
import { appendAudit } from '../../src/store/hot/access/audit.ts'
import { anchorFile, parseAnchor } from '../../src/store/hot/access/audit-anchor.ts'
import { FILE_NAME } from '../../src/store/hot/files/place.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { Program, run } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const WHOLE = /^3 entries, chain whole\nhead 3:[0-9a-f]{64}$/

async function withThree (t: Test): Promise<string> {
  const dataDir = testFolder(t)
  const acts = ['a', 'b', 'c'].map((target) => auditRecord({ action: 'token.revoke', actor: undefined, from: undefined, target }, 1))
  await withDatabase(dataDir, (_, connection) => appendAudit(connection, acts))
  return dataDir
}

function edit (dataDir: string, sql: string): void {
  const raw = new SqliteDatabase(join(dataDir, FILE_NAME))
  raw.exec(`DROP TRIGGER audit_update; DROP TRIGGER audit_delete; ${sql}`)
  raw.close()
}

test('a whole chain is told with its newest entry', async (t) => {
  t.match(await verifyAudit(await withThree(t)), { kind: 'whole', text: WHOLE })
})

test('a head that was kept elsewhere finds what the anchor beside the store no longer shows', async (t) => {
  const dataDir = await withThree(t)
  const kept = parseAnchor((await verifyAudit(dataDir)).text.split('head ')[1] ?? '')
  t.match(kept, { id: 3 })
  t.match(await verifyAudit(dataDir, kept), { kind: 'whole' })

  edit(dataDir, 'DELETE FROM audit WHERE id = 3')
  rmSync(anchorFile(join(dataDir, FILE_NAME)))

  t.match(await verifyAudit(dataDir), { kind: 'missing', text: /^2 entries, chain whole, but the newest part is missing: .*bellwether.db-audit is not there/ })
  t.match(await verifyAudit(dataDir, kept), { kind: 'missing', text: /^2 entries, chain whole, but the newest part is missing: entry 3 was written and is not there\./ })
})

test('a folder without a store is no whole chain', async (t) => {
  await t.rejects(verifyAudit(testFolder(t)), { code: 'not_found' })
})

test('bellwether audit verify answers 0 for a whole chain, also beside a running service, 1 for a changed one, 7 for one of which something is missing', async (t) => {
  const dataDir = await withThree(t)
  const options = { cwd: dataDir, env: { DATA_DIR: dataDir, PORT: '0', OPS_API_TOKEN: 'token-of-the-test' } }
  const service = new Program(t, ['serve'], options)
  await service.address()

  t.match(await run(t, ['audit', 'verify'], options), { code: 0, stdout: /^3 entries, chain whole\n/, stderr: '' })
  t.match(await run(t, ['audit', 'verify', 'not-a-head'], options), { code: 2, stdout: '', stderr: /is no head of an audit/ })
  service.signal('SIGTERM')
  t.equal(await service.exited(), 0)
  edit(dataDir, "UPDATE audit SET target = 'x' WHERE id = 2")

  t.match(await run(t, ['audit', 'verify'], options), { code: 1, stdout: /^the audit is broken after 1 entry: entry 2 was changed/ })
  const cut = await withThree(t)
  rmSync(anchorFile(join(cut, FILE_NAME)))
  t.match(await run(t, ['audit', 'verify'], { ...options, env: { ...options.env, DATA_DIR: cut } }), { code: 7, stdout: /^3 entries, chain whole, but the newest part is missing/ })
})
