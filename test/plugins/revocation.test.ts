import t, { test } from 'tap'
import type { App } from '../../plugins/app-type.ts'
import { withDatabase } from '../../src/store/hot/offline.ts'
import { revokeToken } from '../../src/store/hot/access/tokens.ts'
import { updateUser } from '../../src/store/hot/access/users.ts'
import { buildTestApp } from '../helper.ts'
import { until } from '../support/until.ts'
import { addUser, bearer, guest, PASSWORD, signIn, type Headers } from './people.ts'
import { SseClient } from './sse.ts'

/** A second, on a machine that has little else to do. */
const WITHIN_MS = 10_000

interface Case {
  app: App
  /** Whose credentials end. */
  headers: Headers
  userId: string
  /** Another session of the same person. */
  other: Headers
}

async function ended (app: App, url: string, headers: Headers, end: () => Promise<unknown>): Promise<number> {
  const stream = await SseClient.open(`${url}/stream`, headers)
  if (stream.isOver) throw new Error('the stream did not open')
  await end()
  const endedAt = performance.now()
  const isRefused = async (): Promise<boolean> => (await app.inject({ url: '/api/me', headers })).statusCode === 401
  await Promise.all([stream.until(() => stream.isOver), until(isRefused)])
  return performance.now() - endedAt
}

const ends: Readonly<Record<string, (given: Case) => Promise<unknown>>> = {
  'signing out': ({ app, headers }) => app.inject({ method: 'POST', url: '/api/logout', headers }),
  'a password change elsewhere': ({ app, other }) => app.inject({ method: 'POST', url: '/api/password', headers: other, payload: { current: PASSWORD, password: `${PASSWORD}!` } }),
  'a change of role': ({ app, userId }) => app.service.users.change(userId, { role: 'operator' }, { caller: undefined, from: 'test' }),
  'disabling on the command line': ({ app, userId }) => withDatabase(app.service.config.dataDir, (db) => updateUser(db, { id: userId, disabledAt: 1 }))
}

const app = await buildTestApp(t)
await addUser(app, 'admin', 'admin')
const url = await app.listen({ host: '127.0.0.1', port: 0 })

for (const [what, end] of Object.entries(ends)) {
  test(`within a second of ${what} the old credentials are refused, and open streams end`, async (t) => {
    const name = `ann-${Object.keys(ends).indexOf(what)}`
    const { bearer, cookie, user } = await guest(app, name, 'viewer')

    const other = (await signIn(app, name)).bearer
    const byToken = await SseClient.open(`${url}/stream`, bearer)
    const took = await ended(app, url, cookie, () => end({ app, headers: bearer, userId: user.id, other }))
    await byToken.until(() => byToken.isOver)

    t.ok(took < WITHIN_MS, `${Math.round(took)} ms`)
    t.ok(byToken.response.complete, 'the stream ends as a whole answer')
    t.equal((await app.inject({ url: '/api/me', headers: bearer })).statusCode, 401)
  })
}

test('within a second of the revocation of an API token, here or on the command line, its streams end', async (t) => {
  const make = () => app.service.access.create({ name: 'reader', scopes: ['read'], expiresAt: null })
  const [here, beside] = [await make(), await make()]

  const took = await ended(app, url, bearer(here.secret), () => app.service.tokens.revoke(here.id, { caller: undefined, from: 'test' }))
  const tookBeside = await ended(app, url, bearer(beside.secret), () => withDatabase(app.service.config.dataDir, (db) => revokeToken(db, { id: beside.id, now: Date.now() })))

  t.ok(took < WITHIN_MS, `${Math.round(took)} ms`)
  t.ok(tookBeside < WITHIN_MS, `${Math.round(tookBeside)} ms`)
})

test('a stream ends with the expiry of the token that opened it, and goes on for one that is good', async (t) => {
  const short = await app.service.access.create({ name: 'short', scopes: ['read'], expiresAt: Date.now() + 700 })
  const long = await app.service.access.create({ name: 'long', scopes: ['read'], expiresAt: null })
  const [ending, staying] = await Promise.all([short, long].map(({ secret }) => SseClient.open(`${url}/stream`, bearer(secret))))

  await ending?.until(() => ending.isOver)

  t.equal(staying?.isOver, false)
  staying?.close()
})
