import { join } from 'node:path'
import { test } from 'tap'
import { Program } from '../program.ts'
import { testFolder } from '../support/test-folder.ts'

const REGISTRATION = { username: 'ann', password: 'a pass phrase of ours' }

/** Registers as somebody behind a proxy would, which is from elsewhere. */
async function register (address: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.7' }
  return (await fetch(`${address}/api/register`, { method: 'POST', headers, body: JSON.stringify(body) })).status
}

test('a service beyond loopback prints a setup token while nobody is registered, and it lets one in', async (t) => {
  const cwd = testFolder(t)
  const start = async (settings: Record<string, string>) => {
    const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0', ...settings } })
    const address = await service.address()
    const secret = /^ {2}setup +(\S+)$/m.exec(service.stdout)?.[1]
    return { address, secret, stop: async () => { service.signal('SIGTERM'); await service.exited() } }
  }
  const inside = await start({})
  t.equal(inside.secret, undefined, 'on loopback it is not needed')
  await inside.stop()

  const open = await start({ HOST: '0.0.0.0' })
  t.match(open.secret, /^bws_[\w-]{43}$/)
  t.equal(await register(open.address, REGISTRATION), 403)
  t.equal(await register(open.address, { ...REGISTRATION, setup_token: 'bws_wrong' }), 403)
  t.equal(await register(open.address, { ...REGISTRATION, setup_token: open.secret }), 201)
  await open.stop()

  const later = await start({ HOST: '0.0.0.0' })
  t.equal(later.secret, undefined, 'somebody is registered')
  await later.stop()
})
