import t, { test } from 'tap'
import type { Maintenance } from '../../schemas/alert.ts'
import type { NotificationsPage } from '../../schemas/notification.ts'
import { get, pathsOf, problemFaults } from './support.ts'
import { afresh, makeRule, world, type World } from './world.ts'

const HOUR_MS = 3_600_000
const EVERYTHING = { name: 'the move', duration: '2h' }

async function plan ({ ask }: World, body: object): Promise<Maintenance> {
  const response = await ask('POST', '/maintenance', body)
  if (response.statusCode !== 201) throw new Error(response.body)
  return response.json<Maintenance>()
}

async function listed ({ app }: World): Promise<Maintenance[]> {
  return (await get(app, '/maintenance')).json<{ maintenance: Maintenance[] }>().maintenance
}

function hourIn (timeZone: string, time: string | null): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(new Date(time ?? Number.NaN))
}

const all = await world(t)

test('planning maintenance', async (t) => {
  const { ask, clock } = all

  await t.test('it is for two hours from now, or comes again by the clock of a place, until it is ended', async (t) => {
    const once = await plan(all, EVERYTHING)
    clock.time += 1_000
    const nightly = await plan(all, { name: 'backup', labels: { queue: 'none' }, cron: '0 2 * * *', time_zone: 'Europe/Berlin', duration: '1h', reason: 'it is slow' })

    t.match(once, { active: true, next: null, created_by: 'ada', ended_at: null, held_back: 0, would_have_held_back: 0 })
    t.equal(Date.parse(once.from ?? ''), clock.time - 1_000)
    t.match(nightly, { cron: '0 2 * * *', time_zone: 'Europe/Berlin', reason: 'it is slow' })
    t.equal(hourIn('Europe/Berlin', nightly.next), '02:00')
    const { would_have_held_back: _, ...expected } = nightly
    t.match(await listed(all), [expected, { id: once.id, name: 'the move', active: true }])

    const ended = await ask('DELETE', `/maintenance/${once.id}`)
    t.equal(ended.statusCode, 204)
    t.same(problemFaults(await ask('DELETE', `/maintenance/${once.id}`), 404), [])
    t.match((await listed(all))[1], { active: false, next: null, ended_at: String })
    t.equal((await ask('DELETE', `/maintenance/${nightly.id}`)).statusCode, 204)
  })

  const refused: ReadonlyArray<[body: object, path: string]> = [
    [{ ...EVERYTHING, cron: 'sometimes' }, '/cron'],
    [{ ...EVERYTHING, cron: '0 2 30 2 *' }, '/cron'],
    [{ ...EVERYTHING, cron: '* * * * * *' }, '/cron'],
    [{ ...EVERYTHING, cron: '0 2 * * *', time_zone: 'Mars/Base' }, '/time_zone'],
    [{ ...EVERYTHING, time_zone: 'Europe/Berlin' }, '/time_zone'],
    [{ ...EVERYTHING, duration: 'two hours' }, '/duration'],
    [{ ...EVERYTHING, duration: '0h' }, '/duration'],
    [{ ...EVERYTHING, from: '2000-01-01' }, '/duration'],
    [{ ...EVERYTHING, query: '(' }, '/query'],
    [{ name: 'x', duration: '2h', labels: {} }, '']
  ]

  await t.test('what cannot be planned is 400 with its path', async (t) => {
    for (const [body, path] of refused) {
      const response = await ask('POST', '/maintenance', body)
      t.same(problemFaults(response, 400), [], JSON.stringify(body))
      t.same(pathsOf(response), [path], response.body)
    }
  })

  await t.test('one by cron is active for its duration, and says when it comes next', async (t) => {
    const { id, next } = await plan(all, { name: 'backup', labels: { queue: 'none' }, cron: '30 4 * * *', time_zone: 'Asia/Kolkata', duration: '1h' })
    const begins = Date.parse(next ?? '')

    for (const [time, active, comes] of [[begins - 1, false, begins], [begins, true, begins + 24 * HOUR_MS], [begins + HOUR_MS - 1, true, begins + 24 * HOUR_MS], [begins + HOUR_MS, false, begins + 24 * HOUR_MS]] as const) {
      clock.time = time
      t.match((await listed(all)).find((one) => one.id === id), { active, next: new Date(comes).toISOString() }, new Date(time).toISOString())
    }
    t.equal(hourIn('Asia/Kolkata', next), '04:30')
  })
})

test('what fires in a maintenance is held back and counted, its end is not told, and what outlasts it is told once', async (t) => {
  const { ask, app, measure, arrived } = await afresh(all)
  const rule = await makeRule(all)
  const { id } = await plan(all, { name: 'the move', rule: rule.id, duration: '2h' })

  await measure(50, 'over before')
  await measure(70, 'stays')
  await measure(1, 'over before')
  t.match((await listed(all)).find((one) => one.id === id), { active: true, held_back: 2 })
  t.same((await get(app, '/notifications')).json<NotificationsPage>().notifications, [], 'nobody is told, nor of the end')

  t.equal((await ask('DELETE', `/maintenance/${id}`)).statusCode, 204)
  await arrived(1)
  await plan(all, { name: 'a short one', rule: rule.id, duration: '3s' })
  await measure(60, 'comes later')
  await measure(60, 'comes later')
  t.same((await get(app, '/notifications')).json<NotificationsPage>().notifications.length, 1, 'the short one holds back too')
  await measure(60, 'comes later')
  await measure(60, 'comes later')
  await arrived(2)
  await measure(1, 'stays')

  t.same((await arrived(3)).map(({ type, labels }) => [type, labels['queue']]), [
    ['alert.firing', 'stays'], ['alert.firing', 'comes later'], ['alert.resolved', 'stays']
  ])
  t.equal((await get(app, '/notifications')).json<NotificationsPage>().notifications.length, 3, 'and of nothing else')
})
