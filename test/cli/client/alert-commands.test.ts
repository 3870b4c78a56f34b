import { test } from 'tap'
import { run } from '../../program.ts'
import { BUSY, world } from '../../plugins/world.ts'
import { testFolder } from '../../support/test-folder.ts'
import { jsonOf, running } from './support.ts'

test('alerts are listed and acknowledged against a running service', async (t) => {
  const { app, ask, measure } = await world(t)
  const cwd = testFolder(t)
  const BELLWETHER_URL = await app.listen({ host: '127.0.0.1', port: 0 })
  const { secret } = await app.service.access.create({ name: 'operator', scopes: ['admin'], expiresAt: null })
  const bellwether = (...args: string[]) => run(t, args, { cwd, env: { BELLWETHER_URL, BELLWETHER_TOKEN: secret } })
  t.equal((await ask('POST', '/rules', BUSY)).statusCode, 201)
  await measure(50, 'mail')

  const listed = await bellwether('alerts', '--state', 'firing')
  t.match(listed, { code: 0, stdout: /^\S+Z {2}firing {2}warning {3}alr_\S+ {2}Queue is long {2}\{"queue":"mail"\} {2}-\n$/, stderr: '' })
  const [alert] = jsonOf((await bellwether('alerts', '--json')).stdout)
  const id = String(Object(alert).id)
  t.match(await bellwether('ack', id, '--note', 'I am on it'), { code: 0, stdout: `alert ${id} is acknowledged\n`, stderr: '' })
  t.match(jsonOf((await bellwether('alerts', '--json')).stdout), [{ id, acknowledged_by: 'operator', note: 'I am on it' }])

  t.match(await bellwether('alerts', '--severity', 'critical'), { code: 0, stdout: '', stderr: 'no alert fits\n' })
  t.match(await bellwether('ack', 'alr_none'), { code: 1, stdout: '', stderr: /^bellwether: .*alr_none/ })
  t.match(await bellwether('ack'), { code: 2, stderr: /missing required argument 'id'/ })
})

test('export writes all events that fit, in either form, and says where a query is wrong', async (t) => {
  const it = await running(t)
  await it.store(Array.from({ length: 1_500 }, (_, at) => ({ message: `event ${at} €`, service: at % 2 === 0 ? 'even' : 'odd' })))

  const even = await it.bellwether(['export', 'service:even'])
  const csv = await it.bellwether(['export', '-service:even', '--format', 'csv'])

  t.equal(new Set(jsonOf(even.stdout).map((event) => Object(event).message)).size, 750)
  t.equal(csv.stdout.trimEnd().split('\n').length, 751)
  t.match(csv.stdout, /event 1499 €/)
  t.match(await it.bellwether(['export', 'level:LOUD']), { code: 2, stdout: '', stderr: /\n {2}level:LOUD\n {8}\^\n$/ })
})
