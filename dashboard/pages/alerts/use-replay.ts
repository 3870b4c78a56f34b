import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { ReplayRequest } from '../../../schemas/replay.ts'
import type { ApiError } from '../../core/api.ts'
import { asApiError } from '../../core/resource.ts'
import { askReplay, type Replayed } from './replay-call.ts'

/** A change is asked for so soon after it, unless another one comes. */
const SETTLE_MS = 150
/** Others replay now: it is tried again. */
const AGAIN_MS = 1_000
const MOST_TRIES = 5

interface Watched {
  data: Replayed | undefined
  error: ApiError | undefined
  isAsking: boolean
}

/** Replays whatever is asked for, a moment after it changes; an older question is dropped. What was answered last stays meanwhile. */
export function useReplay (request: (ReplayRequest & { from: string }) | undefined): Watched {
  const state = useSignal<Watched>({ data: undefined, error: undefined, isAsking: false })
  const key = JSON.stringify(request)
  useEffect(() => {
    if (request === undefined) return
    const asking = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = (tries: number): void => {
      askReplay(request, asking.signal).then(
        (data) => { if (!asking.signal.aborted) state.value = { data, error: undefined, isAsking: false } },
        (error: unknown) => {
          if (asking.signal.aborted) return
          const fault = asApiError(error)
          if (fault.status === 503 && tries < MOST_TRIES) timer = setTimeout(() => ask(tries + 1), AGAIN_MS)
          else state.value = { ...state.peek(), error: fault, isAsking: false }
        }
      )
    }
    state.value = { ...state.peek(), isAsking: true }
    timer = setTimeout(() => ask(1), SETTLE_MS)
    return () => {
      clearTimeout(timer)
      asking.abort()
    }
  }, [key])
  return state.value
}
