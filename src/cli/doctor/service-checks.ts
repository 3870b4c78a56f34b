import { once } from 'node:events'
import { createServer } from 'node:net'
import { isRecord } from '../../core/is-record.ts'
import { VERSION } from '../../core/version.ts'
import { baseUrlOf, type Config } from '../../settings/config.ts'
import { fail, ok, sentenceOf, warn, type Finding } from './finding.ts'

const WITHIN_MS = 5_000
const WHY_NOT: Readonly<Record<string, string>> = {
  EACCES: 'this user may not listen there: take a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address: set HOST',
  ENOTFOUND: 'nobody knows that name: set HOST'
}

/** Whether the service can listen; when somebody does already, who it is and how. */
export async function checkPort ({ host, port }: Pick<Config, 'host' | 'port'>, token: string): Promise<Finding[]> {
  if (port === 0) return [ok('port', 'a free one is taken at each start')]
  const code = await listenFault(host, port)
  if (code === undefined) return [ok('port', `${host}:${port} is free: the service does not run`)]
  if (code !== 'EADDRINUSE') return [fail('port', `${host}:${port} cannot be listened at (${code}): ${WHY_NOT[code] ?? 'set HOST and PORT'}`)]
  return checkService(baseUrlOf(host, port), token)
}

async function listenFault (host: string, port: number): Promise<string | undefined> {
  const server = createServer().listen({ host, port, exclusive: true })
  try {
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : sentenceOf(error)
  } finally {
    server.close()
  }
}

async function checkService (address: string, token: string): Promise<Finding[]> {
  const other = fail('port', `what listens at ${address} is no Bellwether that answers: stop it, or set PORT`)
  try {
    const response = await fetch(`${address}/health`, { headers: token === '' ? {} : { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(WITHIN_MS) })
    const health: unknown = await response.json()
    if (!isRecord(health) || !isRecord(health['checks']) || typeof health['version'] !== 'string') return [other]
    return [ok('port', `a Bellwether answers at ${address}`), ...healthFindings(health, health['checks'])]
  } catch {
    return [other]
  }
}

function healthFindings ({ status, version }: Record<string, unknown>, checks: Record<string, unknown>): Finding[] {
  const findings = Object.entries(checks).flatMap(([name, check]) => {
    if (!isRecord(check) || check['status'] === 'ok') return []
    const text = `${name} is ${String(check['status'])}${check['detail'] === undefined ? '' : `: ${String(check['detail'])}`}`
    return [check['status'] === 'down' ? fail('health', text) : warn('health', text)]
  })
  const stale = version === VERSION ? [] : [warn('service', `version ${String(version)} runs, and this is ${VERSION}: start it again`)]
  if (findings.length > 0) return [...findings, ...stale]
  if (status === 'ok') return [ok('health', 'the service says that it is ok'), ...stale]
  const text = `the service says that it is ${String(status)}: give a token in BELLWETHER_TOKEN to be told why`
  return [status === 'down' ? fail('health', text) : warn('health', text), ...stale]
}
