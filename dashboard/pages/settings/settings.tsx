import type { JSX } from 'preact'
import { path } from '../../core/router.ts'
import { isAdmin } from '../../core/session.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { Channels } from './channels.tsx'
import { OwnSessions } from './sessions.tsx'
import { Storage } from './storage.tsx'
import { Thresholds } from './thresholds.tsx'
import { Tokens } from './tokens.tsx'
import { Users } from './users.tsx'

const SECTIONS = [
  { id: 'thresholds', name: 'Thresholds', isForAdmins: false, show: () => <Thresholds /> },
  { id: 'notifications', name: 'Notifications', isForAdmins: true, show: () => <Channels /> },
  { id: 'users', name: 'Users', isForAdmins: true, show: () => <Users /> },
  { id: 'sessions', name: 'Sessions', isForAdmins: false, show: () => <OwnSessions /> },
  { id: 'tokens', name: 'Tokens', isForAdmins: true, show: () => <Tokens /> },
  { id: 'storage', name: 'Storage', isForAdmins: false, show: () => <Storage /> }
] as const

/** What may be set while the service runs, a section each. */
export function Settings (): JSX.Element {
  const wanted = path.value.split('/')[3] ?? 'thresholds'
  const section = SECTIONS.find(({ id }) => id === wanted)
  const isAllowed = section !== undefined && (isAdmin.value || !section.isForAdmins)
  return (
    <div class='stack'>
      <Tabs
        label='Sections of the settings' chosen={wanted}
        tabs={SECTIONS.filter(({ isForAdmins }) => isAdmin.value || !isForAdmins).map(({ id, name }) => ({ id, href: `/dashboard/settings/${id}`, name }))}
      />
      {section === undefined ? <p>There is no such section.</p> : null}
      {section !== undefined && !isAllowed ? <p class='note'>Your role can read alerts and events, but not set who may sign in or who is told: that is for admins.</p> : null}
      {isAllowed ? section.show() : null}
    </div>
  )
}
