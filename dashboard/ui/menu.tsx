import { useEffect, useRef } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'
import { useSignal } from '@preact/signals'

interface MenuProps {
  /** What the button is called. */
  label: string
  button: ComponentChildren
  class?: string
  isRight?: boolean
  children: (close: () => void) => ComponentChildren
}

/** A button with a menu under it; Escape, a click beside it and leaving it by Tab close it. */
export function Menu ({ label, button, class: name = 'button', isRight = false, children }: MenuProps): JSX.Element {
  const isOpen = useSignal(false)
  const root = useRef<HTMLSpanElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)
  const close = (): void => { isOpen.value = false }
  useEffect(() => {
    if (!isOpen.value) return
    root.current?.querySelector<HTMLElement>('.menu button, .menu a, .menu input')?.focus()
    const onDown = (event: PointerEvent): void => { if (event.target instanceof Node && root.current?.contains(event.target) !== true) close() }
    document.addEventListener('pointerdown', onDown)
    return () => document.removeEventListener('pointerdown', onDown)
  }, [isOpen.value])
  return (
    <span
      class='anchor' ref={root}
      onKeyDown={(event) => { if (event.key === 'Escape' && isOpen.value) { event.stopPropagation(); close(); trigger.current?.focus() } }}
      onFocusOut={(event) => { if (event.relatedTarget instanceof Node && root.current?.contains(event.relatedTarget) !== true) close() }}
    >
      <button type='button' ref={trigger} class={name} aria-label={label} aria-expanded={isOpen.value} onClick={() => { isOpen.value = !isOpen.value }}>{button}</button>
      {isOpen.value ? <div class={`menu${isRight ? ' right' : ''}`}>{children(close)}</div> : null}
    </span>
  )
}
