import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { Page, PageFile } from '../../src/page/page-bundle.ts'
import { sessionCookieOf } from '../access/session-cookie.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'
import { themeOf } from './theme.ts'

const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "worker-src 'self'",
  "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", 'trusted-types bellwether'
].join('; ')
const FOR_EVER = 'public, max-age=31536000, immutable'

const Body = Type.Unsafe<Buffer>({ type: 'string' })

/** The web page: one document for all its paths, and the files that it is made of, compressed once. */
export default async function dashboard (app: App): Promise<void> {
  servePage(app, app.service.page, { isRun: false })
}

/** Serves the page; of a run it is the part alone that shows pipelines, without signing in. */
export function servePage (app: App, page: Page, { isRun }: { isRun: boolean }): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<Buffer> => {
    const variant = isRun ? '-run' : sessionCookieOf(request) === undefined ? '' : '-known'
    const document = (await page()).get(`${themeOf(request)}${variant}.html`)
    if (document === undefined) throw new AppError('internal', 'the page has no document')
    reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'no-cache', vary: 'accept-encoding, cookie' })
    return bodyOf(request, reply, document)
  }
  const config = { access: 'open' } as const
  const schema = { hide: true, response: { 200: Body, ...problems } }
  if (isRun) app.get('/', { config, schema }, answer)
  app.get('/dashboard', { config, schema }, answer)
  app.get('/dashboard/*', { config, schema }, answer)

  app.get('/dashboard/assets/:name', {
    config,
    schema: { ...schema, params: Type.Object({ name: Type.String() }) }
  }, async (request, reply) => {
    const file = (await page()).get(request.params.name)
    if (file === undefined || request.params.name.endsWith('.html')) throw new AppError('not_found', 'the page has no such file: it may have been renewed, load it again')
    reply.headers({ 'cache-control': FOR_EVER, vary: 'accept-encoding' })
    return bodyOf(request, reply, file)
  })
}

/** The file as the client reads it best. */
function bodyOf ({ headers }: FastifyRequest, reply: FastifyReply, { type, encodings }: PageFile): Buffer {
  const wanted = headers['accept-encoding'] ?? ''
  const encoding = (['br', 'gzip'] as const).find((name) => new RegExp(`(?:^|[ ,])${name}(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(wanted))
  if (encoding !== undefined) reply.header('content-encoding', encoding)
  reply.type(type)
  return encodings[encoding ?? 'identity']
}
