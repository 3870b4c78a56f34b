import type { JSX } from 'preact'
import type { Silence } from '../../../schemas/alert.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { get } from '../../core/api.ts'
import { firingCount, openAlerts } from '../../core/firing.ts'
import { countText } from '../../core/format.ts'
import { useResource } from '../../core/resource.ts'
import { pageHref, param, path } from '../../core/router.ts'
import { now } from '../../core/times.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { AlertPage } from './alert-page.tsx'
import { FiringNow } from './firing-now.tsx'
import { HistoryTab } from './history-tab.tsx'
import { isActive } from './mutes.ts'
import { Notifications } from './notifications.tsx'
import { RulesTab } from './rules-tab.tsx'
import { SilencesTab } from './silences-tab.tsx'

const PAGE = '/dashboard/alerts'
const TABS = [{ id: 'rules', name: 'Rules' }, { id: 'history', name: 'History' }, { id: 'silences', name: 'Silences' }] as const

/** One alert, where the address names it; else rules, history and silences. */
export function Alerts (): JSX.Element {
  const id = path.value.startsWith(`${PAGE}/`) ? decodeURIComponent(path.value.slice(PAGE.length + 1)) : undefined
  return id === undefined ? <Parts /> : <AlertPage key={id} id={id} />
}

function Parts (): JSX.Element {
  const chosen = TABS.find(({ id }) => id === param('tab'))?.id ?? 'rules'
  const silenced = openAlerts.value?.map(({ silenced_by: by }) => by).join()
  const silences = useResource(`silences ${chosen} ${silenced}`, async (signal) => (await get<{ silences: Silence[] }>('/silences', {}, { signal })).silences, { everyMs: 60_000 })
  const rules = useResource('rules', async (signal) => (await get<{ rules: RuleView[] }>('/rules', {}, { signal })).rules, { everyMs: 60_000 })
  const active = silences.data?.filter((silence) => isActive(silence, now.value)).length ?? 0
  return (
    <div class='stack'>
      <Tabs
        label='Alerts' chosen={chosen}
        tabs={TABS.map(({ id, name }) => ({
          id,
          href: pageHref(PAGE, { tab: id === 'rules' ? undefined : id }),
          name: <>{name}{id === 'silences' ? <Count value={active} /> : null}{id === 'rules' ? <RuleCounts rules={rules.data} /> : null}</>
        }))}
      />
      {chosen === 'rules' ? <><FiringNow /><RulesTab rules={rules} /><Notifications /></> : chosen === 'history' ? <HistoryTab rules={rules.data ?? []} /> : <SilencesTab silences={silences} />}
    </div>
  )
}

function Count ({ value }: { value: number }): JSX.Element | null {
  return value === 0 ? null : <span class='faint'> {countText(value)}</span>
}

/** How many rules there are, and how many alerts of them fire or wait for their time. */
function RuleCounts ({ rules }: { rules: readonly RuleView[] | undefined }): JSX.Element {
  const pending = (openAlerts.value ?? []).filter(({ state }) => state === 'pending').length
  const told = [firingCount.value === 0 ? '' : `${countText(firingCount.value)} firing`, pending === 0 ? '' : `${countText(pending)} pending`].filter((text) => text !== '')
  return <><Count value={rules?.length ?? 0} />{told.length === 0 ? null : <span class='faint'>, {told.join(', ')}</span>}</>
}
