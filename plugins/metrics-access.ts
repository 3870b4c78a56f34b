import { BlockList, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Config } from '../src/config.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** What proxies say of those they speak for: through one on this machine, everybody would come from loopback. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/**
 * Tells whether the metrics are open to this request without a token: with METRICS_OPEN to all, without METRICS_TOKEN
 * to this machine. The address is that of the socket, which no header can change.
 */
export function areMetricsOpen ({ raw }: FastifyRequest, { metricsOpen, metricsToken }: Config): boolean {
  if (metricsOpen) return true
  return metricsToken === undefined && isLoopback(raw.socket.remoteAddress) && !FORWARDED.some((name) => name in raw.headers)
}

function isLoopback (address: string | undefined): boolean {
  return address !== undefined && LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
