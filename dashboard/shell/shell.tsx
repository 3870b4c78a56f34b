import { useEffect } from 'preact/hooks'
import type { ComponentType, JSX } from 'preact'
import { useSignal } from '@preact/signals'
import { path, pageHref } from '../core/router.ts'
import { firingCount, worstFiring } from '../core/firing.ts'
import { Failure } from '../ui/panel.tsx'
import { Badge } from '../ui/badge.tsx'
import { Icon } from '../ui/icon.tsx'
import { SampleMark } from '../ui/sample-data.tsx'
import { asApiError } from '../core/resource.ts'
import type { ApiError } from '../core/api.ts'
import { ConnectionState, Seen } from './connection-state.tsx'
import { useKeys } from './keys.tsx'
import { PAGES, pageOf, type Page } from './pages.ts'
import { TopBar } from './top-bar.tsx'

/** A bell, as at /logo.svg, without a request for it. */
function Mark (): JSX.Element {
  return (
    <svg viewBox='0 0 64 64' aria-hidden='true'>
      <rect width='64' height='64' rx='14' fill='#1f3a5f' />
      <path d='M32 12a4 4 0 0 1 4 4v1.500c7 2 11 8 11 15.500V42l4 5v3H13v-3l4-5v-9c0-7.500 4-13.500 11-15.500V16a4 4 0 0 1 4-4z' fill='#f4c95d' />
      <circle cx='32' cy='53' r='4' fill='#f4c95d' />
    </svg>
  )
}

/** The rail or the bar of the phone, the top bar, and the page. */
export function Shell (): JSX.Element {
  const page = pageOf(path.value)
  const keys = useKeys()
  useEffect(() => { document.title = `${page?.name ?? 'Not found'} · Bellwether` }, [page])
  return (
    <div class='shell'>
      <a class='skip' href='#main'>Skip to the page</a>
      <aside class='rail' aria-label='Bellwether'>
        <div class='brand'><Mark /><div><b>{location.hostname}</b><Seen /></div></div>
        <PageLinks current={page} />
        <footer><SampleMark /><ConnectionState /></footer>
      </aside>
      <div>
        <TopBar title={page?.name ?? 'Not found'} />
        <main id='main' tabIndex={-1}>
          {page === undefined ? <p>There is no such page. <a href='/dashboard'>Go to the overview</a></p> : <Opened key={page.path} page={page} />}
        </main>
      </div>
      <nav class='tabbar' aria-label='Pages'>
        {PAGES.filter(({ name }) => name !== 'Settings').map((one) => <PageLink key={one.path} page={one} current={page} />)}
      </nav>
      {keys}
    </div>
  )
}

function PageLinks ({ current }: { current: Page | undefined }): JSX.Element {
  return <nav aria-label='Main'>{PAGES.map((page) => <PageLink key={page.path} page={page} current={current} />)}</nav>
}

function PageLink ({ page, current }: { page: Page, current: Page | undefined }): JSX.Element {
  const count = page.icon === 'alerts' ? firingCount.value : 0
  return (
    <a href={pageHref(page.path)} aria-current={page === current ? 'page' : undefined}>
      <Icon name={page.icon} />
      {page.name}
      {count > 0 ? <Badge tone={worstFiring.value} icon={undefined}>{count}<span class='hidden'> firing</span></Badge> : null}
    </a>
  )
}

const loaded = new Map<string, ComponentType>()

/** A page whose code comes when it is first opened. */
function Opened ({ page }: { page: Page }): JSX.Element | null {
  const component = useSignal<ComponentType | undefined>(loaded.get(page.path))
  const fault = useSignal<ApiError | undefined>(undefined)
  const open = (): void => {
    fault.value = undefined
    page.load().then((made) => { loaded.set(page.path, made); component.value = made }, (error: unknown) => { fault.value = asApiError(error) })
  }
  useEffect(open, [])
  if (fault.value !== undefined) return <Failure error={fault.value} what='this page' retry={() => location.reload()} />
  const Component = component.value
  return Component === undefined ? null : <Component />
}
