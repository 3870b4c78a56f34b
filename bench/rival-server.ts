import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import latency from '../plugins/latency.ts'
import type { NewEvent } from '../schemas/event.ts'
import { LEVELS } from '../schemas/words.ts'
import { RawStore } from './raw-store.ts'

/**
 * What is compared: Fastify that stores nothing at all, alone or with one of two plugins that count requests, and one
 * that inserts on the main thread and commits for each request.
 */
export type Rival = 'bare' | 'latency' | 'fastify-metrics' | 'main-thread'

interface Sent { level?: string, service?: string, type?: string, host?: string, trace_id?: string, message: string, meta?: object }

function rowOf (sent: Sent): NewEvent {
  return {
    time: 0,
    level: LEVELS.find((level) => level === sent.level) ?? 'INFO',
    severity: 'LOW',
    service: sent.service ?? null,
    type: sent.type ?? null,
    host: sent.host ?? null,
    traceId: sent.trace_id ?? null,
    clientId: null,
    idHint: null,
    isTimed: false,
    message: sent.message,
    meta: sent.meta === undefined ? null : JSON.stringify(sent.meta)
  }
}

function parseSent (body: unknown): Sent[] {
  return (Array.isArray(body) ? body : [body]) as Sent[]
}

async function buildServer (rival: Rival, dataDir: string): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: 10_000_000 })
  const store = rival === 'main-thread' ? new RawStore(join(dataDir, 'rival.db')) : undefined
  if (rival === 'latency') await app.register(latency)
  if (rival === 'fastify-metrics') await app.register(fastifyMetrics.default, { endpoint: '/metrics' })
  app.get('/health', async () => ({ ok: true }))
  app.post('/events', async (request, reply) => {
    store?.store(parseSent(request.body).map(rowOf), Date.now())
    return reply.code(201).send({ ok: true })
  })
  return app
}

function parseOptions (text: string | undefined): { rival: Rival, dataDir: string } {
  return JSON.parse(text ?? '') as { rival: Rival, dataDir: string }
}

const { rival, dataDir } = parseOptions(process.argv[2])
const app = await buildServer(rival, dataDir)
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
