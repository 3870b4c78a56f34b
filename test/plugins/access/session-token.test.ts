import { createSign, generateKeyPairSync } from 'node:crypto'
import t, { test, type Test } from 'tap'
import type { App } from '../../../plugins/app-type.ts'
import { buildTestApp } from '../../helper.ts'
import { anyAddress, bearer, guest, makeJwt, readJwt } from '../people.ts'
import { problemFaults } from '../support.ts'
import { testFolder } from '../../support/test-folder.ts'

const KEY = '9f3a1c7e5b2d8064-signs-what-is-ours'
const OTHER_KEY = '0c4e8a6f2b1d9735-is-of-somebody-else'
const OLD_KEY = '7d5b3f1e9c2a8460-signed-what-was-before'

async function ask (app: App, token: string) {
  return app.inject({ url: '/api/me', headers: bearer(token), remoteAddress: anyAddress() })
}

async function rsToken (header: object, claims: object): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`
}

/** Tokens that nobody should be believed for, each made from a good one. */
async function hostileTokens (good: string): Promise<Record<string, string>> {
  const { header, claims } = readJwt(good)
  const [head = '', body = '', signature = ''] = good.split('.')
  const now = Math.floor(Date.now() / 1_000)
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
  const claiming = (other: object) => makeJwt(header, { ...claims, ...other }, KEY)
  const headed = (other: object, key = KEY, hash = 'sha256') => makeJwt({ ...header, ...other }, claims, key, hash)
  return {
    'alg none, no signature': makeJwt({ ...header, alg: 'none' }, claims, KEY).replace(/[^.]*$/, ''),
    'alg none, signed': headed({ alg: 'none' }),
    'alg None': headed({ alg: 'None' }),
    'alg HS384, signed so': headed({ alg: 'HS384' }, KEY, 'sha384'),
    'alg HS512, signed so': headed({ alg: 'HS512' }, KEY, 'sha512'),
    'alg HS256, signed as HS512': headed({}, KEY, 'sha512'),
    'alg RS256': await rsToken({ ...header, alg: 'RS256' }, claims),
    'alg ES256': headed({ alg: 'ES256' }),
    'alg missing': headed({ alg: undefined }),
    'alg a list': headed({ alg: ['HS256'] }),
    'another secret': headed({}, OTHER_KEY),
    'an empty secret': headed({}, ''),
    'the secret as it stands in kid': headed({ kid: OTHER_KEY }, OTHER_KEY),
    'no kid': headed({ kid: undefined }),
    'kid is a path': headed({ kid: '../../../../dev/null' }, ''),
    'kid is SQL': headed({ kid: "x' UNION SELECT 'k" }),
    'kid is an object': headed({ kid: { toString: 1 } }),
    'kid is __proto__': headed({ kid: '__proto__' }),
    'a key in the header': headed({ jwk: { kty: 'oct', k: Buffer.from(OTHER_KEY).toString('base64url') } }, OTHER_KEY),
    'crit that nobody knows': headed({ crit: ['exp2'], exp2: 1 }),
    'no exp': makeJwt(header, without('exp'), KEY),
    'exp as text': claiming({ exp: String(now + 900) }),
    'exp null': claiming({ exp: null }),
    'expired a second ago': claiming({ exp: now - 1 }),
    'exp in a hundred years, issued long ago': claiming({ iat: now - 1_000, exp: now + 3e9 }),
    'no iat': makeJwt(header, without('iat'), KEY),
    'nbf in the future': claiming({ nbf: now + 600 }),
    'no iss': makeJwt(header, without('iss'), KEY),
    'another iss': claiming({ iss: 'bellwether.example.com' }),
    'no aud': makeJwt(header, without('aud'), KEY),
    'another aud': claiming({ aud: 'other-api' }),
    'no sub': makeJwt(header, without('sub'), KEY),
    'another sub': claiming({ sub: '0'.repeat(32) }),
    'sub is an object': claiming({ sub: { id: claims['sub'] } }),
    'no sid': makeJwt(header, without('sid'), KEY),
    'another sid': claiming({ sid: 'f'.repeat(32) }),
    'no ver': makeJwt(header, without('ver'), KEY),
    'old version': claiming({ ver: Number(claims['ver']) - 1 }),
    'version as text': claiming({ ver: String(claims['ver']) }),
    'no jti': makeJwt(header, without('jti'), KEY),
    'payload is a list': makeJwt(header, [claims], KEY),
    'payload is a text': makeJwt(header, '"admin"', KEY),
    'payload is null': makeJwt(header, 'null', KEY),
    'payload is no JSON': makeJwt(header, '{"sub":', KEY),
    'header is null': makeJwt('null', claims, KEY),
    'header is a list': makeJwt([header], claims, KEY),
    'header is no JSON': makeJwt('{', claims, KEY),
    'payload changed': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'x' })).toString('base64url')}.${signature}`,
    'signature of another': `${head}.${body}.${makeJwt(header, without('nothing'), OTHER_KEY).split('.')[2]}`,
    'signature cut': good.slice(0, -5),
    'signature missing': `${head}.${body}.`,
    'no dots': good.replaceAll('.', ''),
    'two parts': `${head}.${body}`,
    'four parts': `${good}.${signature}`,
    'empty parts': '..',
    'bad base64': `${head}.${body}.!!${signature}`,
    'padded base64': `${head}=.${body}.${signature}`,
    unicode: `${head}.${body}.\u00fc${signature}`,
    huge: makeJwt(header, { ...claims, filler: 'x'.repeat(8_000) }, KEY),
    deep: makeJwt(header, '['.repeat(300) + ']'.repeat(300), KEY),
    'a NUL': `${head}.${body}\\u0000.${signature}`
  }
}

async function appWith (t: Test, settings: Record<string, string>): Promise<App> {
  return buildTestApp(t, { JWT_SECRET: KEY, ...settings })
}

/** Tests that do not stop it share one. */
const app = await appWith(t, {})

test('no token but one of ours is believed', async (t) => {
  const { sessionToken } = await guest(app, 'ann', 'admin')
  const hostile = Object.entries(await hostileTokens(sessionToken))
  t.ok(hostile.length >= 40, `${hostile.length} tokens`)
  t.equal((await ask(app, makeJwt(readJwt(sessionToken).header, readJwt(sessionToken).claims, KEY))).statusCode, 200, 'made as the others are, a right one is good')

  for (const [what, token] of hostile) {
    const response = await ask(app, token)

    t.same(problemFaults(response, 401), [], what)
    t.notOk(response.body.includes(token) && token.length > 4, `${what}: the token is not told back`)
  }
  t.equal((await ask(app, sessionToken)).statusCode, 200, 'the good one does not suffer')
})

test('who is refused is told whether nothing was sent, what was sent has ended, or is not known', async (t) => {
  const { sessionToken, bearer: headers } = await guest(app, 'cay', 'viewer')
  const { header, claims } = readJwt(sessionToken)
  const past = { ...claims, iat: Number(claims['iat']) - 2_000, exp: Number(claims['exp']) - 2_000 }
  const api = async (ends: object): Promise<string> => {
    const { id, secret } = await app.service.access.create({ name: 'n', scopes: ['read'], expiresAt: null, ...ends })
    if (!('expiresAt' in ends)) await app.service.access.revoke(id)
    return secret
  }
  const detailOf = async (sent: Record<string, string>): Promise<string> => {
    const response = await app.inject({ url: '/events', headers: sent, remoteAddress: anyAddress() })
    t.equal(response.statusCode, 401)
    return response.json<{ detail: string }>().detail
  }

  t.match(await detailOf({}), /^a token is needed: send it as/)
  t.match(await detailOf(bearer(makeJwt(header, past, KEY))), /^the session token has expired: .*\/api\/refresh/)
  t.match(await detailOf(bearer(makeJwt(header, past, OTHER_KEY))), /^the token is not known here/, 'one that we did not sign is not said to have been good')
  t.match(await detailOf(bearer(await api({}))), /^the token was revoked/)
  t.match(await detailOf({ 'x-ops-token': await api({ expiresAt: 1 }) }), /^the token has expired/)
  for (const other of [bearer('bw_x'), { 'x-ops-token': 'x' }, { authorization: 'Basic eDp5' }, bearer('x'.repeat(2_000))]) t.match(await detailOf(other), /^the token is not known here/)
  t.match(await detailOf({ cookie: 'bw_session=bwc_x' }), /^the session of this cookie has ended or is not known/)
  await app.inject({ method: 'POST', url: '/api/logout', headers })
  t.match(await detailOf(headers), /^the session has ended: sign in again/)
  t.equal((await app.inject({ url: '/health', headers })).statusCode, 200, 'what is open stays open')
})

test('a token says who, which session and until when, and nothing that is secret', async (t) => {
  const { sessionToken, user } = await guest(app, 'bob', 'viewer')
  const { header, claims } = readJwt(sessionToken)

  t.match(header, { alg: 'HS256', typ: 'JWT', kid: /^[0-9a-f]{16}$/ })
  t.same(Object.keys(claims).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub', 'ver'])
  t.match(claims, { iss: 'bellwether', aud: 'bellwether-api', sub: user.id, ver: 1 })
  t.equal(Number(claims['exp']) - Number(claims['iat']), 900)
})

test('after JWT_SECRET was changed, tokens of the key before are good while it is named, and no longer', async (t) => {
  const dataDir = testFolder(t)
  const first = await buildTestApp(t, { DATA_DIR: dataDir, JWT_SECRET: OLD_KEY })
  const { sessionToken } = await guest(first, 'ann', 'admin')
  await first.close()
  await first.service.close()

  const second = await appWith(t, { DATA_DIR: dataDir, JWT_SECRET_PREVIOUS: OLD_KEY })
  t.equal((await ask(second, sessionToken)).statusCode, 200)
  const { header } = readJwt((await second.inject({ method: 'POST', url: '/api/login', payload: { username: 'ann', password: 'correct horse and so on' } })).json<{ session_token: string }>().session_token)
  t.not(header['kid'], readJwt(sessionToken).header['kid'], 'new ones are signed with the new key')
  await second.close()
  await second.service.close()

  const third = await appWith(t, { DATA_DIR: dataDir })
  t.equal((await ask(third, sessionToken)).statusCode, 401)
})
