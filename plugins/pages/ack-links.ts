import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AckForm, type AckLink } from '../../schemas/ack-link.ts'
import { AppError } from '../../src/core/errors.ts'
import type { App } from '../app-type.ts'
import { isForeignForm } from '../access/session-cookie.ts'
import { prepareError } from '../errors.ts'
import { noStore } from '../no-store.ts'
import { sendSmallPage } from './small-page.ts'
import { themeOf } from './theme.ts'

const STATUS: Readonly<Record<AckLink['kind'], number>> = { open: 200, done: 200, used: 409, over: 410, unknown: 404 }
const MOST_BODY_BYTES = 1_024

const Token = Type.Object({ token: Type.String() })
const PageText = Type.String({ description: 'a small page' })
const response = Object.fromEntries([200, 400, 403, 404, 409, 410, 429].map((status) => [status, PageText]))

/** What the links in notices open, by the token alone. Looking changes nothing: whoever shows a preview of a message looks too. */
export default async function ackLinks (app: App): Promise<void> {
  const { ackLinks, smallPage } = app.service
  const config = { access: 'open' } as const
  const tags = ['alerts']
  const send = async (request: FastifyRequest, reply: FastifyReply, told: Parameters<typeof smallPage>[0]): Promise<FastifyReply> => {
    return sendSmallPage(reply, await smallPage(told, themeOf(request)))
  }
  app.addHook('onRequest', noStore)
  app.addHook('onRequest', app.limitAckLinks)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: MOST_BODY_BYTES }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
  app.setErrorHandler(async (error: Error, request, reply) => {
    const { told, status } = prepareError(error, request, reply)
    return send(request, reply.code(status), { kind: 'fault', text: textOf(told) })
  })

  app.get('/a/:token', {
    config, schema: { tags, summary: 'The page that the link of a notice opens; it changes nothing', params: Token, response }
  }, async (request, reply) => {
    const link = await ackLinks.look(request.params.token)
    return send(request, reply.code(STATUS[link.kind]), link)
  })

  // Cut off or broken in two on its way; what cannot be read at all is answered by `broken-links.ts`.
  app.get('/a/*', {
    config, schema: { hide: true, response }
  }, async (request, reply) => send(request, reply.code(STATUS.unknown), { kind: 'unknown' }))

  app.post('/a/:token', {
    config, schema: { tags, summary: 'Acknowledge the alert of a notice, once, in the name of its channel', params: Token, body: AckForm, response }
  }, async (request, reply) => {
    if (isForeignForm(request)) throw new AppError('forbidden', 'The form of this page is taken from this page only: open the link from the notice again.')
    const link = await ackLinks.use(request.params.token, request.body.until, request.ip)
    return send(request, reply.code(STATUS[link.kind]), link)
  })
}

/** The paths of fields are nothing to one who pressed a button. */
function textOf ({ code, message }: AppError): string {
  switch (code) {
    case 'invalid': return 'Press one of the three buttons of the page.'
    case 'internal': return 'internal error'
    default: return message
  }
}
