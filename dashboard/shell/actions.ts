import { signal } from '@preact/signals'
import { copyText } from '../core/clipboard.ts'
import { followRange, isFollowing, range, showRange } from '../core/times.ts'

/** The list of everything that one can jump to is open. */
export const isPaletteOpen = signal(false)
export function openPalette (): void {
  isPaletteOpen.value = true
}

/** Follows the present, or holds what is seen. */
export function toggleLive (): void {
  if (isFollowing.value) showRange(range.value.from, Math.min(range.value.to, Date.now()))
  else followRange(`-${Math.max(Math.round((range.value.to - range.value.from) / 60_000), 1)}m`)
}

const TOLD_MS = 2_000

/** What came of copying, for two seconds. */
export const copied = signal<'' | 'Copied' | 'This browser allows no copying here'>('')

/** Copies an address that shows whoever opens it the same rows. */
export async function copyLink (): Promise<void> {
  const url = new URL(location.href)
  url.searchParams.set('from', new Date(range.value.from).toISOString())
  url.searchParams.set('to', new Date(Math.min(range.value.to, Date.now())).toISOString())
  copied.value = await copyText(url.href) ? 'Copied' : 'This browser allows no copying here'
  setTimeout(() => { copied.value = '' }, TOLD_MS)
}
