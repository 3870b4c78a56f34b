import type { ComponentType } from 'preact'
import type { LATER_PAGES } from '../pages/index.ts'
import { Overview } from '../pages/overview/overview.tsx'
import type { IconName } from '../ui/icon.tsx'

export interface Page {
  path: string
  name: string
  icon: IconName
  /** After `g`. */
  key: string
  load: () => Promise<ComponentType>
}

async function later (name: keyof typeof LATER_PAGES): Promise<ComponentType> {
  return (await import('../pages/index.ts')).LATER_PAGES[name]
}

/** Every page, in the order of the rail. */
export const PAGES: readonly Page[] = [
  { path: '/dashboard', name: 'Overview', icon: 'overview', key: 'o', load: async () => Overview },
  { path: '/dashboard/events', name: 'Events', icon: 'events', key: 'e', load: () => later('events') },
  { path: '/dashboard/alerts', name: 'Alerts', icon: 'alerts', key: 'a', load: () => later('alerts') },
  { path: '/dashboard/pipeline', name: 'Pipeline', icon: 'pipeline', key: 'p', load: () => later('pipeline') },
  { path: '/dashboard/services', name: 'Services', icon: 'services', key: 's', load: () => later('services') },
  { path: '/dashboard/settings', name: 'Settings', icon: 'settings', key: ',', load: () => later('settings') }
]

/** Pages that the rail does not name. */
const OTHERS: readonly Page[] = [
  { path: '/dashboard/start', name: 'Get started', icon: 'overview', key: '', load: () => later('start') }
]

/** The page of a path; that of the alerts for one alert. */
export function pageOf (path: string): Page | undefined {
  return [...PAGES, ...OTHERS].toReversed().find((page) => path === page.path || (page.path !== '/dashboard' && path.startsWith(`${page.path}/`)))
}
