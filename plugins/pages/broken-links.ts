import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Service } from '../../src/service.ts'
import { onFrameworkError } from '../errors.ts'
import { sendSmallPage } from './small-page.ts'
import { themeOf } from './theme.ts'

const LINK = /^\/a\//
const NOT_FOUND = 404

/**
 * Answers an address that cannot be read at all. A link of a notice that was broken on its way is opened by a person: they get the page of a
 * link that there is not.
 */
export function onBrokenAddress ({ smallPage }: Pick<Service, 'smallPage'>): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    if (!LINK.test(request.raw.url ?? '')) return onFrameworkError(error, request, reply)
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    smallPage({ kind: 'unknown' }, themeOf(request)).then(
      (text) => sendSmallPage(reply.code(NOT_FOUND), text),
      () => onFrameworkError(error, request, reply)
    )
  }
}
