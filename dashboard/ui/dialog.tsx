import { useEffect, useId, useRef } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'

interface DialogProps {
  title: string
  onClose: () => void
  /** It can only be answered, not closed. */
  isFirm?: boolean
  children: ComponentChildren
}

/** A dialog over the page; when it closes, what had the focus before has it again. */
export function Dialog ({ title, onClose, isFirm = false, children }: DialogProps): JSX.Element {
  const id = useId()
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    element.current?.showModal()
    return () => { if (before instanceof HTMLElement) before.focus() }
  }, [])
  return (
    <dialog
      ref={element} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); if (!isFirm) onClose() }}
      onClick={(event) => { if (event.target === element.current && !isFirm) onClose() }}
    >
      <div class='stack'>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
