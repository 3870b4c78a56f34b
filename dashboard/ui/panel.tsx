import { useId } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiError } from '../core/api.ts'
import type { Resource } from '../core/resource.ts'

const SOON_MS = 150

interface PanelProps {
  title: string
  /** Beside the title, smaller. */
  note?: ComponentChildren
  /** At the right of the title. */
  actions?: ComponentChildren
  isRefreshing?: boolean
  children: ComponentChildren
  class?: string
}

/** A region named by its heading. */
export function Panel ({ title, note, actions, isRefreshing = false, children, class: name = '' }: PanelProps): JSX.Element {
  const id = useId()
  return (
    <section class={`panel ${name}`} aria-labelledby={id} aria-busy={isRefreshing}>
      <div class='panel-head'>
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span class='small faint'>{note}</span>}
        {actions === undefined ? null : <span class='row grow' style={{ justifyContent: 'flex-end' }}>{actions}</span>}
      </div>
      {isRefreshing ? <div class='refreshing' /> : null}
      <div class='panel-body'>{children}</div>
    </section>
  )
}

/** What a resource shows in each of its states; `what` names it in words. */
export function Loaded<T> ({ of: { data, error, isLoading, refresh }, what, height = 60, children }: { of: Resource<T>, what: string, height?: number, children: (data: T) => ComponentChildren }): JSX.Element {
  if (data !== undefined) {
    return (
      <>
        {error === undefined ? null : <Failure error={error} what={what} retry={refresh} />}
        {children(data)}
      </>
    )
  }
  if (error !== undefined) return <Failure error={error} what={what} retry={refresh} />
  return isLoading ? <Outline what={what} height={height} /> : <></>
}

/** The shape of what is not there yet, unless it comes at once. */
function Outline ({ what, height }: { what: string, height: number }): JSX.Element {
  const isLate = useSignal(false)
  useEffect(() => {
    const timer = setTimeout(() => { isLate.value = true }, SOON_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class={isLate.value ? 'outline' : ''} style={{ height: `${height}px` }}>
      {isLate.value ? <span class='hidden' role='status'>Loading {what}</span> : null}
    </div>
  )
}

/** What failed, why, and the way to try again. */
export function Failure ({ error, what, retry }: { error: ApiError, what: string, retry?: () => void }): JSX.Element {
  return (
    <p class='note critical' role='alert'>
      Could not read {what}: {error.message}.
      {error.requestId === undefined ? null : <span class='small'> Request {error.requestId}.</span>}
      {retry === undefined ? null : <>{' '}<button type='button' class='button small' onClick={retry}>Retry</button></>}
    </p>
  )
}

/** What went wrong with something that the reader did. */
export function ActionFault ({ error }: { error: ApiError | undefined }): JSX.Element | null {
  if (error === undefined) return null
  const more = error.faults.map(({ path, message }) => `${path.replace(/^\//, '')} ${message}`.trim()).filter((text) => !error.message.includes(text))
  return <p class='fault' role='alert'>{[error.message, ...more].join('; ')}</p>
}
