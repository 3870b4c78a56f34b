import { useEffect, useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import { ApiError } from './api.ts'

export interface Resource<T> {
  /** What was answered last, also while it is asked for again. */
  data: T | undefined
  error: ApiError | undefined
  isLoading: boolean
  refresh: () => void
}

/**
 * Asks for something, and again whenever `key` changes: what was answered last stays until then, and an answer that comes after a newer
 * question is dropped. `everyMs` asks again while the page is seen.
 */
export function useResource<T> (key: string, load: (signal: AbortSignal) => Promise<T>, { everyMs }: { everyMs?: number } = {}): Resource<T> {
  const state = useSignal<{ data: T | undefined, error: ApiError | undefined, isLoading: boolean }>({ data: undefined, error: undefined, isLoading: true })
  const asked = useRef<AbortController | undefined>(undefined)
  const loader = useRef(load)
  loader.current = load
  const ask = useRef(() => {
    asked.current?.abort()
    const asking = asked.current = new AbortController()
    if (!state.peek().isLoading) state.value = { ...state.peek(), isLoading: true }
    loader.current(asking.signal).then(
      (data) => { if (!asking.signal.aborted) state.value = { data, error: undefined, isLoading: false } },
      (error: unknown) => { if (!asking.signal.aborted) state.value = { ...state.peek(), error: asApiError(error), isLoading: false } }
    )
  })
  useEffect(() => {
    ask.current()
    return () => asked.current?.abort()
  }, [key])
  useEffect(() => {
    if (everyMs === undefined) return
    const timer = setInterval(() => { if (!document.hidden) ask.current() }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return { ...state.value, refresh: ask.current }
}

export interface Action {
  isBusy: Signal<boolean>
  error: Signal<ApiError | undefined>
  /** Resolves to whether it went well. */
  run: (act: () => Promise<void>) => Promise<boolean>
}

/** Something that the reader does, once at a time, with what went wrong. */
export function useAction (): Action {
  const isBusy = useSignal(false)
  const error = useSignal<ApiError | undefined>(undefined)
  const run = async (act: () => Promise<void>): Promise<boolean> => {
    if (isBusy.peek()) return false
    isBusy.value = true
    error.value = undefined
    try {
      await act()
      return true
    } catch (fault) {
      error.value = asApiError(fault)
      return false
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, error, run }
}

export function asApiError (error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(error instanceof Error ? error.message : String(error), 0)
}
