import { createHmac } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import type { App } from '../../plugins/app-type.ts'
import type { SignedIn } from '../../schemas/session.ts'
import type { Person, Role } from '../../schemas/user.ts'

export const PASSWORD = 'correct horse and so on'

export type Headers = Record<string, string>

/** Somebody who signed in over HTTP. */
export interface Guest {
  user: Person
  /** With the session token. */
  bearer: Headers
  /** With the cookie, as a page of the service sends it. */
  cookie: Headers
  sessionToken: string
  refreshToken: string
}

let addresses = 0

/** An address that nobody has used before, so that limits by address do not meet tests of other things. */
export function anyAddress (): string {
  addresses++
  return `10.${addresses >> 16 & 255}.${addresses >> 8 & 255}.${addresses & 255}`
}

/** Makes a user as the command line would, without a session. */
export async function addUser (app: App, username: string, role: Role): Promise<Person> {
  return app.service.users.create({ username, password: PASSWORD, role }, { caller: undefined, from: 'test' })
}

export async function signIn (app: App, username: string, password = PASSWORD): Promise<Guest> {
  const response = await app.inject({ method: 'POST', url: '/api/login', payload: { username, password }, remoteAddress: anyAddress() })
  if (response.statusCode !== 200) throw new Error(`login answered ${response.statusCode}: ${response.body}`)
  return guestOf(response)
}

/** Makes a user who is signed in. */
export async function guest (app: App, username: string, role: Role): Promise<Guest> {
  await addUser(app, username, role)
  return signIn(app, username)
}

export function bearer (secret: string): Headers {
  return { authorization: `Bearer ${secret}` }
}

export function cookieOf (response: LightMyRequestResponse): string {
  const [pair = ''] = String(response.headers['set-cookie']).split(';')
  return pair
}

function guestOf (response: LightMyRequestResponse): Guest {
  const { session_token: sessionToken, refresh_token: refreshToken, user } = response.json<SignedIn>()
  return { user, sessionToken, refreshToken, bearer: bearer(sessionToken), cookie: { cookie: cookieOf(response), 'sec-fetch-site': 'same-origin' } }
}

/** The header and the claims of a token. */
export function readJwt (token: string): { header: Record<string, unknown>, claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return { header: parseFields(header), claims: parseFields(claims) }
}

/** Makes a token of anything, signed with HMAC. */
export function makeJwt (header: unknown, claims: unknown, key: string, hash = 'sha256'): string {
  const input = [header, claims].map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}

function parseFields (text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>
}
