import type { ComponentChildren, JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { copyText } from '../core/clipboard.ts'

const TOLD_MS = 2_000

interface CopyButtonProps {
  /** What is copied, made when it is wanted. */
  text: () => string
  /** What the button is called where that is more than what stands on it. */
  label?: string
  class?: string
  isDisabled?: boolean
  children: ComponentChildren
}

/** Copies a text, and says for two seconds what came of it. */
export function CopyButton ({ text, label, class: name = 'button', isDisabled = false, children }: CopyButtonProps): JSX.Element {
  const told = useSignal('')
  const tell = (words: string): void => {
    told.value = words
    setTimeout(() => { told.value = '' }, TOLD_MS)
  }
  const copy = async (): Promise<void> => tell(await copyText(text()) ? 'Copied' : 'This browser allows no copying here: mark the text')
  return (
    <>
      <button type='button' class={name} aria-label={label} title={label} disabled={isDisabled} onClick={() => { void copy() }}>{children}</button>
      <span class='small muted' role='status'>{told.value}</span>
    </>
  )
}
