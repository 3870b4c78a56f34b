import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Test } from 'tap'
import { buildTestApp, OPS_TOKEN } from '../../helper.ts'
import { Program, run } from '../../program.ts'
import { testFolder } from '../../support/test-folder.ts'

export const TOKEN = OPS_TOKEN

export interface Running {
  cwd: string
  dataDir: string
  address: string
  /** What the commands find it by. */
  env: Record<string, string>
  /** Runs a command against it, to its end. */
  bellwether: (args: readonly string[], input?: string) => ReturnType<typeof run>
  /** Stores events; the answer is the receipt. */
  store: (events: ReadonlyArray<Record<string, unknown>>) => Promise<unknown>
}

/** The service in this process, as it is served; settings by the names of the environment. */
export async function running (t: Test, settings: Record<string, string> = {}): Promise<Running> {
  const cwd = testFolder(t)
  const app = await buildTestApp(t, { DATA_DIR: join(cwd, 'data'), ...settings })
  return at(t, cwd, await app.listen({ host: '127.0.0.1', port: 0 }))
}

/** The service in a process of its own, that can be stopped. */
export async function program (t: Test, settings: Record<string, string> = {}): Promise<Running & { service: Program }> {
  const cwd = testFolder(t)
  const service = new Program(t, ['serve'], { cwd, env: { DATA_DIR: join(cwd, 'data'), PORT: '0', OPS_API_TOKEN: TOKEN, CANARY_INTERVAL: '0s', ...settings } })
  return { ...at(t, cwd, await service.address()), service }
}

function at (t: Test, cwd: string, address: string): Running {
  const env = { BELLWETHER_URL: address, BELLWETHER_TOKEN: TOKEN }
  return {
    cwd,
    dataDir: join(cwd, 'data'),
    address,
    env,
    bellwether: (args, input) => run(t, args, { cwd, env, ...(input === undefined ? {} : { input }) }),
    store: async (events) => {
      const response = await fetch(`${address}/events`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }, body: JSON.stringify(events) })
      t.equal(response.status, 201)
      return response.json()
    }
  }
}

/** A server that answers as it is told to; its address. */
export async function serving (t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

/** The lines of a text that are JSON. */
export function jsonOf (text: string): unknown[] {
  return text.split('\n').filter((line) => line !== '').map((line): unknown => JSON.parse(line))
}
