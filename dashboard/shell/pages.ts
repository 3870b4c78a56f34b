import type { ComponentType } from 'preact'
import type { IconName } from '../ui/icon.tsx'

export interface Page {
  path: string
  name: string
  icon: IconName
  /** After `g`. */
  key: string
  load: () => Promise<ComponentType>
}

/** Every page, in the order of the rail; each is loaded when it is first opened. */
export const PAGES: readonly Page[] = [
  { path: '/dashboard', name: 'Overview', icon: 'overview', key: 'o', load: async () => (await import('../pages/overview/overview.tsx')).Overview }
]

/** The page of a path; that of the alerts for one alert. */
export function pageOf (path: string): Page | undefined {
  return PAGES.toReversed().find((page) => path === page.path || (page.path !== '/dashboard' && path.startsWith(`${page.path}/`)))
}
