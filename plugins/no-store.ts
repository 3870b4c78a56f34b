import type { FastifyReply, FastifyRequest } from 'fastify'

/** For answers with secrets or people in them: nothing in between keeps them (RFC 6749, section 5.1). */
export function noStore (_request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  void reply.header('cache-control', 'no-store')
  done()
}
