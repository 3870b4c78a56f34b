import { connect, type Socket } from 'node:net'

/** What came over a bare socket until it was closed: by the other side, or by us after `withinMs`. */
export interface Heard { text: string, status: number | undefined, ms: number, isClosed: boolean }

/** Opens a bare socket and writes `bytes` as they are. A socket that is reset while writing counts as closed. */
export function say (port: number, bytes: string | Buffer, withinMs = 5_000): Promise<Heard> {
  const socket = connect(port, '127.0.0.1', () => { socket.write(bytes) })
  return heard(socket, withinMs)
}

/** Waits until the socket is closed. */
export function heard (socket: Socket, withinMs: number): Promise<Heard> {
  const startedAt = performance.now()
  let text = ''
  return new Promise((resolve) => {
    const end = (isClosed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text, status: statusOf(text), ms: performance.now() - startedAt, isClosed })
    }
    const timer = setTimeout(() => end(false), withinMs)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => { text += chunk })
    socket.on('error', () => end(true))
    socket.on('close', () => end(true))
    socket.on('end', () => end(true))
  })
}

/** The status of the first answer. */
export function statusOf (text: string): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
  return status === undefined ? undefined : Number(status)
}
