import type { FastifyRequest } from 'fastify'
import type { Config } from '../../src/settings/config.ts'
import { isLocalPeer } from './local-peer.ts'

/** Tells whether the metrics are open to this request without a token: with METRICS_OPEN to all, without METRICS_TOKEN to this machine. */
export function areMetricsOpen (request: FastifyRequest, { metricsOpen, metricsToken }: Config): boolean {
  return metricsOpen || (metricsToken === undefined && isLocalPeer(request))
}
