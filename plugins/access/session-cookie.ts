import cookie from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { App } from '../app-type.ts'

const NAME = 'bw_session'
const LIFETIME_SECONDS = 30 * 86_400

/** The cookie that holds a browser's session; no script of a page can read it. */
async function sessionCookie (app: App): Promise<void> {
  // Parsed where it is asked for: ingest sends none, and is asked often.
  await app.register(cookie, { hook: false })
}

export default fastifyPlugin(sessionCookie, { name: 'session-cookie' })

export function sessionCookieOf ({ headers, server }: FastifyRequest): string | undefined {
  return headers.cookie === undefined ? undefined : server.parseCookie(headers.cookie)[NAME]
}

export function setSessionCookie (reply: FastifyReply, secret: string): void {
  void reply.setCookie(NAME, secret, { ...attributesOf(reply), maxAge: LIFETIME_SECONDS })
}

export function clearSessionCookie (reply: FastifyReply): void {
  void reply.clearCookie(NAME, attributesOf(reply))
}

/**
 * Tells whether a request that would change something may come from another site's page, which lends itself the cookie: browsers
 * say where a request comes from (Sec-Fetch-Site), older ones name the page's origin.
 */
export function isCrossSite (request: FastifyRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const { 'sec-fetch-site': site, origin } = request.headers
  return site === undefined ? !isOwnOrigin(request, origin) : site !== 'same-origin'
}

/**
 * Tells whether another site's page sent a form for which no cookie counts. Under `no-referrer` a page calls its own origin `null`, and over
 * plain HTTP nothing else says where it comes from, so what names no site is let through.
 */
export function isForeignForm (request: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, origin = 'null' } = request.headers
  return site === undefined ? origin !== 'null' && !isOwnOrigin(request, origin) : site !== 'same-origin' && site !== 'none'
}

function isOwnOrigin ({ host, server }: FastifyRequest, origin: string | undefined): boolean {
  const url = URL.parse(origin ?? '')
  if (url === null) return false
  const { baseUrl } = server.service.config
  return url.host === host || (baseUrl !== undefined && url.origin === new URL(baseUrl).origin)
}

function attributesOf ({ server }: FastifyReply) {
  const isSecure = server.service.config.baseUrl?.startsWith('https:') === true
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure } as const
}
