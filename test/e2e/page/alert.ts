import type { Locator } from 'playwright-core'
import type { Alert, AlertFile, Silence } from '../../../schemas/alert.ts'
import type { AuditPage } from '../../../schemas/audit.ts'
import { askUntil } from '../../support/until.ts'
import { broken, type Result } from '../case.ts'
import { onStage, registered, type Visit } from './browser.ts'
import { fire, RULE } from './incident.ts'
import { PageApi } from './page-api.ts'

type Known = Pick<Visit, 'page'> & { api: PageApi, alert: Alert }

/** Acknowledging and silencing, from the list and from the page of the alert: what the page says, what the API says, and who did it. */
export function alertActs (): Promise<Result> {
  return onStage(async ({ open, complaints, service }) => {
    const { page } = await open()
    await registered(page)
    const api = new PageApi(page)
    const known = { page, api, alert: await fire(api, service) }
    const faults = [...await inTheList(known), ...await onItsPage(known), ...await untilItRecovers(known), ...await audited(known)]
    return { figures: {}, faults: [...faults, ...complaints] }
  })
}

async function inTheList ({ page, api, alert }: Known): Promise<string[]> {
  await page.goto('/dashboard/alerts')
  const row = page.getByRole('region', { name: 'Firing now' }).getByRole('listitem').filter({ hasText: RULE })
  await act(row, 'Acknowledge', { text: 'looking at it', choice: '1 hour' })
  await row.getByText('Acknowledged', { exact: true }).waitFor()
  const acknowledged = await fileOf(api, alert)
  await row.getByRole('button', { name: 'Take the acknowledgement back' }).click()
  await row.getByText('Firing', { exact: true }).waitFor()
  const takenBack = await fileOf(api, alert)
  await act(row, 'Silence', { text: 'known outage', choice: '1 h' })
  await row.getByText('Silenced', { exact: true }).waitFor()
  const silenced = await fileOf(api, alert)
  const [silence] = await silencesOf(api)
  await page.getByRole('link', { name: /^Silences/ }).click()
  await page.getByRole('listitem').filter({ hasText: 'known outage' }).getByRole('button', { name: 'End the silence' }).click()
  await page.getByText(/^Ended/).waitFor()
  const ended = await fileOf(api, alert)
  return broken(
    [acknowledged.acknowledged_by === 'ann' && acknowledged.note === 'looking at it' && acknowledged.acknowledged_until !== null, `acknowledged from the list: ${JSON.stringify(acknowledged)}`],
    [takenBack.acknowledged_by === null, 'the acknowledgement was not taken back'],
    [silenced.silenced_by !== null && silenced.silenced_by === silence?.id, `silenced from the list by ${silenced.silenced_by}`],
    [silence?.reason === 'known outage' && silence.created_by === 'ann' && silence.until !== null && silence.rule === alert.rule.id, `the silence is ${JSON.stringify(silence)}`],
    [ended.silenced_by === null && ended.state === 'firing', 'the silence that was ended holds on']
  )
}

async function onItsPage ({ page, api, alert }: Known): Promise<string[]> {
  await page.goto('/dashboard/alerts')
  await page.getByRole('link', { name: new RegExp(`^${RULE}: 12, limit 5`) }).click()
  const head = page.getByRole('region', { name: 'What it is' })
  await act(head, 'Acknowledge', { text: 'mine', choice: 'Until it recovers' })
  await head.getByText(/Acknowledged by ann at \d\d:\d\d$/).waitFor()
  await page.getByRole('region', { name: 'Timeline' }).getByText('ann acknowledged it: mine').waitFor()
  await act(head, 'Silence', { text: 'until it is over', choice: 'Until it recovers' })
  await head.getByRole('link', { name: 'Silenced' }).waitFor()
  const file = await fileOf(api, alert)
  const [silence] = await silencesOf(api)
  return broken(
    [file.acknowledged_by === 'ann' && file.acknowledged_until === null && file.note === 'mine', `acknowledged on its page: ${file.acknowledged_by}, ${file.acknowledged_until}, ${file.note}`],
    [silence?.until_recovered === true && silence.until === null && file.silenced_by === silence.id, `silenced on its page: ${JSON.stringify(silence)}`]
  )
}

/** The limit goes up, so that the alert is over, and with it the silence. */
async function untilItRecovers ({ page, api, alert }: Known): Promise<string[]> {
  await api.send('PATCH', `/rules/${alert.rule.id}`, { levels: { critical: { op: '>', value: 1_000 } } })
  await page.getByRole('region', { name: 'What it is' }).getByText('Resolved', { exact: true }).waitFor()
  const [silence] = await askUntil(() => silencesOf(api), ([newest]) => newest?.ended_at !== null)
  return broken([silence?.reason === 'until it is over', `ended was ${silence?.reason}`])
}

async function audited ({ api, alert }: Known): Promise<string[]> {
  const { entries } = await api.get<AuditPage>('/audit?limit=100')
  const acts = entries.filter(({ action }) => /^(alert|silence)\./.test(action)).reverse()
  const wanted = ['alert.acknowledge', 'alert.unacknowledge', 'silence.create', 'silence.end', 'alert.acknowledge', 'silence.create']
  const told = acts.map(({ action }) => action).slice(0, wanted.length)
  return broken(
    [told.join() === wanted.join(), `the audit says ${told.join()}`],
    [acts.slice(0, wanted.length).every(({ actor }) => actor?.kind === 'user' && actor.name === 'ann'), `it was done by ${acts.map(({ actor }) => actor?.name).join()}`],
    [acts.filter(({ action }) => action.startsWith('alert.')).every(({ target }) => target === alert.id), 'another alert was acknowledged']
  )
}

async function act (place: Locator, name: 'Acknowledge' | 'Silence', { text, choice }: { text: string, choice: string }): Promise<void> {
  await place.getByRole('button', { name, exact: true }).click()
  const dialog = place.page().getByRole('dialog', { name: new RegExp(`^${name}`) })
  await dialog.getByRole('textbox').fill(text)
  await dialog.getByRole('button', { name: choice, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

function fileOf (api: PageApi, { id }: Alert): Promise<AlertFile> {
  return api.get<AlertFile>(`/alerts/${id}`)
}

async function silencesOf (api: PageApi): Promise<Silence[]> {
  return (await api.get<{ silences: Silence[] }>('/silences')).silences
}
