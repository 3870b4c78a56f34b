import type { FastifyReply } from 'fastify'
import { sendWhole } from '../errors.ts'

const POLICY = ["default-src 'none'", "style-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"].join('; ')

/** Sends a page that works without a script, and may run none. */
export function sendSmallPage (reply: FastifyReply, text: string): FastifyReply {
  return sendWhole(reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').serializer(String), text)
}
