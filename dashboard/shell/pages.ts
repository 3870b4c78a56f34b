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
  { path: '/dashboard', name: 'Overview', icon: 'overview', key: 'o', load: async () => (await import('../pages/overview/overview.tsx')).Overview },
  { path: '/dashboard/events', name: 'Events', icon: 'events', key: 'e', load: async () => (await import('../pages/events/events.tsx')).Events },
  { path: '/dashboard/alerts', name: 'Alerts', icon: 'alerts', key: 'a', load: async () => (await import('../pages/alerts/alerts.tsx')).Alerts },
  { path: '/dashboard/services', name: 'Services', icon: 'services', key: 's', load: async () => (await import('../pages/services/services.tsx')).Services },
  { path: '/dashboard/settings', name: 'Settings', icon: 'settings', key: ',', load: async () => (await import('../pages/settings/settings.tsx')).Settings }
]

/** Pages that the rail does not name. */
const OTHERS: readonly Page[] = [
  { path: '/dashboard/start', name: 'Get started', icon: 'overview', key: '', load: async () => (await import('../pages/start/start.tsx')).Start }
]

/** The page of a path; that of the alerts for one alert. */
export function pageOf (path: string): Page | undefined {
  return [...PAGES, ...OTHERS].toReversed().find((page) => path === page.path || (page.path !== '/dashboard' && path.startsWith(`${page.path}/`)))
}
