/** Every page that there is, as an admin sees it. */
export const PAGES = [
  '/dashboard', '/dashboard/start', '/dashboard/events', '/dashboard/alerts', '/dashboard/alerts?tab=history', '/dashboard/alerts?tab=silences',
  '/dashboard/pipeline', '/dashboard/pipeline?tab=try', '/dashboard/services', '/dashboard/services?tab=host', '/dashboard/settings', '/dashboard/settings/notifications', '/dashboard/settings/users', '/dashboard/settings/sessions', '/dashboard/settings/tokens', '/dashboard/settings/storage'
] as const
