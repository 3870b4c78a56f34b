import type { ComponentChildren, JSX } from 'preact'
import type { Action } from '../core/resource.ts'
import { Dialog } from './dialog.tsx'
import { ActionFault } from './panel.tsx'

interface ConfirmDialogProps {
  /** What is done, with the name of what it is done to; the button says the same. */
  title: string
  /** What leaves it as it is. */
  keep: string
  action: Action
  isReady?: boolean
  onConfirm: () => void
  onClose: () => void
  /** What follows from it. */
  children: ComponentChildren
}

/** Asks before something is done that cannot be taken back. */
export function ConfirmDialog ({ title, keep, action: { isBusy, error }, isReady = true, onConfirm, onClose, children }: ConfirmDialogProps): JSX.Element {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <ActionFault error={error.value} />
      <div class='row'>
        <button type='button' class='button danger' disabled={!isReady || isBusy.value} onClick={onConfirm}>{title}</button>
        <button type='button' class='button' onClick={onClose}>{keep}</button>
      </div>
    </Dialog>
  )
}
