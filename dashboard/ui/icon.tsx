import type { JSX } from 'preact'

/** Drawn in a box of 16, as strokes unless they end in `!`, which is filled. */
const PATHS = {
  overview: 'M1 8.5h3l2-5 3.5 9 2-4H15',
  events: 'M2 3.5h12M2 8h12M2 12.5h8',
  alerts: 'M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14.5h3',
  pipeline: 'M1.5 8h3M11.5 3.5h3M11.5 12.5h3M4.5 8c4 0 2.5-4.5 7-4.5M4.5 8c4 0 2.5 4.5 7 4.5',
  services: 'M2 14V9M6 14V5M10 14V7M14 14V2',
  settings: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.5 10.5 14 14',
  clock: 'M8 14.5A6.5 6.5 0 1 0 8 1.5a6.5 6.5 0 0 0 0 13zM8 4.5V8l2.5 1.5',
  link: 'M6.5 9.5l3-3M7 4.5 8.5 3a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  sun: 'M8 11A3 3 0 1 0 8 5a3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M5 3l8 5-8 5z',
  menu: 'M2 4h12M2 8h12M2 12h12',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  critical: 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3L1.5 10.7V5.3z!',
  warning: 'M8 1.5 15 14H1z!',
  healthy: 'M2.5 8.5 6.5 12l7-8',
  silenced: 'M5 11V7a3.5 3.5 0 0 1 6-2.5M12 8v3l1 1.5H5M2 2l12 12',
  anomaly: 'M8 1c.700 4.3 2.7 6.3 7 7-4.3.700-6.3 2.7-7 7-.700-4.3-2.7-6.3-7-7 4.3-.700 6.3-2.7 7-7z!',
  pending: 'M8 14.5A6.5 6.5 0 1 0 8 1.5a6.5 6.5 0 0 0 0 13zM8 4.5V8l2.5 1.5'
} as const
export type IconName = keyof typeof PATHS

/** An icon that stands beside the word for it, so that it is not read out. */
export function Icon ({ name }: { name: IconName }): JSX.Element {
  const path: string = PATHS[name]
  const isFilled = path.endsWith('!')
  return (
    <svg class='icon' viewBox='0 0 16 16' aria-hidden='true' fill={isFilled ? 'currentColor' : 'none'} stroke={isFilled ? 'none' : 'currentColor'} stroke-width='1.4' stroke-linecap='round' stroke-linejoin='round'>
      <path d={isFilled ? path.slice(0, -1) : path} />
    </svg>
  )
}
