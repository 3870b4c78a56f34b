import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broken, type Result } from '../case.ts'
import { Client } from '../http.ts'
import { build, type Image } from './build.ts'
import { parseDockerfile } from './dockerfile.ts'
import { holds } from './prometheus.ts'

/** `nobody` on any system. Without the right to become it, whoever runs this stands for it: not root either. */
const STRANGER = process.getuid?.() === 0 ? 65_534 : undefined
const READY_WITHIN_MS = 30_000

/** Builds the image by the Dockerfile's own steps in a folder, makes that read-only, and runs its start command and healthcheck as somebody else. */
export async function imageRuns (project: string): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-image-'))
  chmodSync(folder, 0o755)
  try {
    const image = build(parseDockerfile(readFileSync(join(project, 'Dockerfile'), 'utf8')), folder, {
      folder: project, ignore: readFileSync(join(project, '.dockerignore'), 'utf8'), owner: STRANGER
    })
    const volumes = image.volumes.map((volume) => join(image.root, volume))
    protect(image.root, volumes)
    return await run(image, volumes)
  } finally {
    execFileSync('chmod', ['-R', 'u+w', folder])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run (image: Image, volumes: string[]): Promise<Result> {
  const port = await freePort()
  const env = { ...image.env, DATA_DIR: join(image.root, image.env['DATA_DIR'] ?? ''), PORT: String(port), PATH: join(image.root, 'usr', 'local', 'bin') }
  const service = start(image, image.command, env)
  // Asked for now: it may end before anybody waits for it.
  const ended = exitCode(service)
  let output = ''
  for (const stream of [service.stdout, service.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { output += text })
  const isHealthy = async () => await exitCode(start(image, image.healthcheck, env)) === 0
  try {
    const isReady = await holds(async () => service.exitCode !== null || await isHealthy(), READY_WITHIN_MS) && service.exitCode === null
    const health = isReady ? await statusOf(port) : undefined
    service.kill('SIGTERM')
    const code = await ended
    return {
      figures: { files: countFiles(image.root), 'exit code': String(code) },
      faults: broken(
        [image.user !== '' && !/^(root|0)\b/.test(image.user), `the image runs as ${image.user}`],
        [volumes.length > 0, 'nothing is writable: the Dockerfile names no volume'],
        [isReady, `the healthcheck did not pass within ${READY_WITHIN_MS} ms:\n${output}`],
        [health === 200, `/health answers ${health}`],
        [code === 0, `SIGTERM ends it with ${code}:\n${output}`],
        [!await isHealthy(), 'the healthcheck passes although nothing runs']
      )
    }
  } finally {
    service.kill('SIGKILL')
  }
}

function start (image: Image, [command = '', ...args]: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(command, args, {
    cwd: join(image.root, image.workdir),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...STRANGER === undefined ? {} : { uid: STRANGER, gid: STRANGER }
  })
}

async function exitCode (child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close')
  return typeof code === 'number' ? code : null
}

async function statusOf (port: number): Promise<number> {
  const client = new Client(`http://127.0.0.1:${port}`)
  try {
    return (await client.call({ path: '/health' })).status
  } finally {
    client.close()
  }
}

/** Takes every right to write away, but for the volumes. */
function protect (root: string, volumes: readonly string[]): void {
  execFileSync('chmod', ['-R', 'a+rX,a-w', root])
  for (const volume of volumes) {
    chmodSync(volume, 0o700)
    if (STRANGER !== undefined) chownSync(volume, STRANGER, STRANGER)
  }
}

function countFiles (root: string): number {
  return readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
