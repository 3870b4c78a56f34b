import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A request that came in, whole. */
export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export type Answer = (response: ServerResponse, request: Received) => void

/** An HTTP receiver on loopback that writes down what comes in. */
export class Receiver {
  readonly received: Received[] = []
  answer: Answer
  readonly url: string
  #waiting: Array<() => void> = []

  private constructor (url: string, answer: Answer) {
    this.url = url
    this.answer = answer
  }

  static async open (t: Pick<Test, 'teardown'>, answer: Answer = status(200), port = 0): Promise<Receiver> {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const receiver = new Receiver(`http://127.0.0.1:${portOf(server.address())}/hook`, answer)
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => receiver.#take({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }, response))
    })
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    return receiver
  }

  /** Resolves when so many requests came in. */
  async until (count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #take (request: Received, response: ServerResponse): void {
    this.received.push(request)
    this.answer(response, request)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Answers with a status, and headers and a text where they matter. */
export function status (code: number, headers: Record<string, string> = {}, text = ''): Answer {
  return (response) => response.writeHead(code, headers).end(text)
}

/** Takes the request and never answers. */
export const hang: Answer = () => {}

/** A server on loopback that does with a connection what it likes, once something came in. */
export async function rawReceiver (t: Pick<Test, 'teardown'>, behave: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => behave(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${portOf(server.address())}/`
}

/** A port of loopback on which nobody listens. */
export async function closedPort (): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server.address())
  server.close()
  await once(server, 'close')
  return port
}

function portOf (address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port')
  return address.port
}
