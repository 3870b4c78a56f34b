import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'

/** What a limit counts by: the address, of IPv6 the /64 network, since one sender has all addresses of that. */
export function networkOf ({ ip }: FastifyRequest): string {
  return normalizeIP(ip)
}
