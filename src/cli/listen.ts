import type { FastifyInstance } from 'fastify'
import { baseUrlOf, type Config } from '../settings/config.ts'
import { AppError } from '../core/errors.ts'

/** Listens where the settings say. Throws `conflict` for a port that is taken, `invalid` for an address that will not do. */
export async function listenOn (app: Pick<FastifyInstance, 'listen' | 'server'>, { host, port }: Pick<Config, 'host' | 'port'>): Promise<{ url: string, port: number }> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') throw new AppError('conflict', `port ${port} of ${host} is taken: stop the other program, or set PORT`, { cause: error })
    throw new AppError('invalid', `cannot listen on ${host} port ${port}: ${String(error)}`, { cause: error })
  }
  const address = app.server.address()
  const found = typeof address === 'object' && address !== null ? address.port : port
  return { url: baseUrlOf(host, found), port: found }
}
