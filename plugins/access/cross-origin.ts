import type { FastifyReply, FastifyRequest } from 'fastify'

/** For what the pages of others may read: it is open, and says nothing that is secret. */
export function crossOrigin (_request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  void reply.headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
  done()
}
