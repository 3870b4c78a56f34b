import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { test, type Test } from 'tap'
import { Program, run } from '../../program.ts'
import { testFolder } from '../../support/test-folder.ts'
import { jsonOf, running, serving } from './support.ts'

interface Wire {
  address: string
  /** Breaks all connections, and takes no new ones until `mend`. */
  cut: () => void
  mend: () => void
}

/** What stands between a client and the service, and can be cut. */
async function wireTo (t: Test, address: string): Promise<Wire> {
  const { hostname, port } = new URL(address)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => { sockets.delete(socket); near.destroy(); far.destroy() })
    }
    if (isCut) near.destroy()
    else near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(() => {
    cut()
    server.close()
  })
  const bound = server.address()
  return { address: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`, cut, mend: () => { isCut = false } }
}

test('tail prints what comes, over a connection that is lost, each event once, until Ctrl-C', async (t) => {
  const it = await running(t)
  await it.store([{ message: 'before', service: 'shop' }])
  const wire = await wireTo(t, it.address)
  const tail = new Program(t, ['tail', 'service:shop', 'or', '--json'], { cwd: it.cwd, env: { ...it.env, BELLWETHER_URL: wire.address } })
  await tail.says(/hint: .*"or" is searched/)
  const messages = (): unknown[] => jsonOf(tail.stdout).map((event) => Object(event).message)

  await it.store([{ message: 'one or', service: 'shop' }, { message: 'other or', service: 'bank' }])
  await tail.printed(/one or/)
  wire.cut()
  await tail.says(/the connection is lost \(.*\): trying again/)
  await it.store([{ message: 'two or', service: 'shop' }])
  wire.mend()
  await tail.printed(/two or/)
  await it.store([{ message: 'three or', service: 'shop' }])
  await tail.printed(/three or/)
  tail.signal('SIGINT')

  t.equal(await tail.exited(), 130)
  t.same(messages(), ['one or', 'two or', 'three or'])
  t.match(tail.stderr, /connected again\n$/)
})

test('what comes while the connection is lost is not missed, when nothing had come before', async (t) => {
  const it = await running(t)
  const wire = await wireTo(t, it.address)
  const tail = new Program(t, ['tail', 'level>=error or', '--fields', 'message'], { cwd: it.cwd, env: { ...it.env, BELLWETHER_URL: wire.address } })
  await tail.says(/hint: /)

  wire.cut()
  await it.store([{ message: 'first or', level: 'error' }])
  wire.mend()
  await tail.printed(/^first or\n$/)
})

test('what no repeat will change ends it', async (t) => {
  const it = await running(t)
  const { cwd } = it
  const foreign = await serving(t, (_, response) => { response.end('hello') })
  const uses: ReadonlyArray<[args: string[], env: Record<string, string>, code: number, told: RegExp]> = [
    [['level:LOUD'], it.env, 2, /mistake at column 7: .*\n {2}level:LOUD\n {8}\^\n$/],
    [[], { BELLWETHER_URL: it.address }, 4, /not signed in/],
    [['--url', foreign], it.env, 1, /is no Bellwether/],
    [['--url', 'http://127.0.0.1:2'], it.env, 5, /nothing answers/]
  ]

  const results = await Promise.all(uses.map(([args, env]) => run(t, ['tail', ...args], { cwd, env })))

  for (const [at, [args, , code, told]] of uses.entries()) t.match(results[at], { code, stdout: '', stderr: told }, args.join(' '))
})

test('a service that is busy is asked again when it says so', async (t) => {
  let asked = 0
  const busy = await serving(t, (_, response) => {
    if (asked++ === 0) response.writeHead(503, { 'retry-after': '0', 'content-type': 'application/problem+json' }).end('{"detail":"starting"}')
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 5\nevent: events\ndata: [{"message":"come"}]\n\n')
  })
  const tail = new Program(t, ['tail', '--url', busy, '--fields', 'message'], { cwd: testFolder(t) })

  await tail.printed(/^come\n$/)

  t.match(tail.stderr, /takes no stream now \(starting\): trying again\n.*connected again/)
})
