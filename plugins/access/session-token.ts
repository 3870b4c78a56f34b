import { hash, randomUUID } from 'node:crypto'
import jwt from '@fastify/jwt'
import fastifyPlugin from 'fastify-plugin'
import type { SessionClaims } from '../../src/access/sessions.ts'
import { isRecord } from '../../src/core/is-record.ts'
import type { App } from '../app-type.ts'

type Namespace = 'current' | 'previous'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    namespaces: Namespace
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    sessionTokens: SessionTokens
  }
}

interface SessionTokens {
  /** Seconds for which a token is good. */
  lifetimeSeconds: number
  sign: (claims: SessionClaims) => string
  /** Answers what a token of ours says; undefined for everything else, whatever is wrong with it. */
  verify: (token: string) => SessionClaims | undefined
  /** Tells whether a token is one of ours, signed by us, whose time is over. */
  isExpired: (token: string) => boolean
}

const LIFETIME_SECONDS = 900
const ISSUER = 'bellwether'
const AUDIENCE = 'bellwether-api'
const EXPIRED = 'FAST_JWT_EXPIRED'

/**
 * Session tokens: JWTs signed with HMAC-SHA-256 and nothing else (RFC 8725, section 3.1). Two keys are known at a time, so that
 * JWT_SECRET can be changed while people are signed in; the `kid` in the header says which, and no other has a meaning.
 */
async function sessionToken (app: App): Promise<void> {
  const { current, previous } = app.service.sessionKeys
  const namespaces = new Map<string, Namespace>()
  const know = async (key: string, namespace: Namespace): Promise<void> => {
    namespaces.set(keyId(key), namespace)
    await app.register(jwt, { namespace, ...optionsFor(key) })
  }
  if (previous !== undefined) await know(previous, 'previous')
  await know(current, 'current')
  const read = (token: string): SessionClaims | undefined => {
    const namespace = namespaces.get(keyIdOf(app.jwt.current.decode(token)))
    return namespace === undefined ? undefined : parseClaims(app.jwt[namespace].verify(token))
  }
  app.decorate('sessionTokens', {
    lifetimeSeconds: LIFETIME_SECONDS,
    sign: ({ userId, sessionId, version }) => app.jwt.current.sign({ sub: userId, sid: sessionId, ver: version, jti: randomUUID() }),
    verify: (token) => {
      try {
        return read(token)
      } catch {
        // Whoever sends a token that cannot be read, or that nobody here signed, is nobody.
        return undefined
      }
    },
    isExpired: (token) => {
      try {
        read(token)
        return false
      } catch (error) {
        // The signature is judged before the time.
        return error instanceof Error && 'code' in error && error.code === EXPIRED
      }
    }
  })
}

function optionsFor (key: string) {
  return {
    secret: key,
    decode: { complete: true },
    sign: { algorithm: 'HS256' as const, kid: keyId(key), iss: ISSUER, aud: AUDIENCE, expiresIn: LIFETIME_SECONDS },
    verify: {
      algorithms: ['HS256' as const],
      allowedIss: ISSUER,
      allowedAud: AUDIENCE,
      maxAge: LIFETIME_SECONDS,
      requiredClaims: ['exp', 'iat', 'iss', 'aud', 'sub', 'sid', 'ver', 'jti']
    }
  }
}

export default fastifyPlugin(sessionToken, { name: 'session-token' })

/** Tells keys apart without telling anything of them. */
function keyId (key: string): string {
  return hash('sha256', `kid ${key}`).slice(0, 16)
}

function keyIdOf (decoded: unknown): string {
  const { header } = parseFields(decoded)
  return String(parseFields(header)['kid'])
}

function parseClaims (payload: unknown): SessionClaims | undefined {
  const { sub, sid, ver } = parseFields(payload)
  return typeof sub === 'string' && typeof sid === 'string' && typeof ver === 'number' ? { userId: sub, sessionId: sid, version: ver } : undefined
}

function parseFields (value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
