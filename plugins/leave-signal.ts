import type { FastifyReply } from 'fastify'

/** A signal that is given when the client leaves before its answer is complete. */
export function leaveSignal (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}
