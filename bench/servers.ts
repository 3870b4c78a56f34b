import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuMs, ServiceProcess, TOKEN } from '../test/e2e/service-process.ts'
import { load } from './load-process.ts'
import type { Rival } from './rival-server.ts'

/** A server under measurement: where it listens, and the CPU time of its whole process in ms. */
export interface Server {
  port: number
  token: string | undefined
  dataDir: string
  cpuMs: () => number
  close: () => Promise<void>
}

/** Starts the service as a user would, with room for what a benchmark stores; that of another checkout when `root` names one. */
export async function startOurs (root?: string): Promise<Server> {
  const service = new ServiceProcess({ settings: { RETENTION_BYTES: '200GB' }, ...(root === undefined ? {} : { root }) })
  await service.start()
  return { port: service.port, token: TOKEN, dataDir: service.dataDir, cpuMs: () => service.cpuMs(), close: () => service.close() }
}

export async function startRival (rival: Rival): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-rival-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'rival-server.ts'), JSON.stringify({ rival, dataDir })], { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => { child.kill('SIGKILL') }
  process.once('exit', kill)
  const [line] = await once(child.stdout, 'data')
  const port = Number(/:(\d+)\s*$/.exec(String(line))?.[1])
  return {
    port,
    token: undefined,
    dataDir,
    cpuMs: () => cpuMs(child.pid ?? 0),
    close: async () => {
      const ended = once(child, 'close')
      kill()
      await ended
      process.off('exit', kill)
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

/** Runs `use` with servers that are ended whatever happens. */
export async function withServers<T extends readonly Server[]> (starting: { [K in keyof T]: Promise<T[K]> }, use: (servers: T) => Promise<void>): Promise<void> {
  const servers = await Promise.all(starting)
  try {
    await use(servers as unknown as T)
  } finally {
    for (const server of servers) await server.close()
  }
}

/** The options of a load on this server. */
export function onto (server: Server): { port: number, token?: string } {
  return { port: server.port, ...(server.token === undefined ? {} : { token: server.token }) }
}

/** Fills a server with events in batches. Answers events a second. */
export async function preload (server: Server, total: number, spreadMs?: number): Promise<number> {
  const { events, seconds } = await load({ ...onto(server), connections: 8, batch: 500, total, ...(spreadMs === undefined ? {} : { spreadMs }) })
  return events / seconds
}
