import { StreamHub, type Follower } from './hub.ts'
import type { FromWorker, ToWorker } from './messages.ts'

/** What a shared worker has, as far as it is used here. */
interface SharedScope {
  onconnect: ((event: { ports: readonly MessagePort[] }) => void) | null
}

/** Also for a page that loads this file itself, where there are no shared workers. */
export const hub = new StreamHub()

function serve (port: MessagePort): void {
  let follower: Follower | undefined
  const join = (): Follower => hub.join((message: FromWorker) => port.postMessage(message))
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === 'leave') {
      if (follower !== undefined) hub.hear(follower, data)
      follower = undefined
      return
    }
    // A page that left while it was hidden comes back.
    follower ??= join()
    hub.hear(follower, data)
  }
}

const scope: SharedScope = Object(self)
scope.onconnect = ({ ports: [port] }) => {
  if (port !== undefined) serve(port)
}
