import { test } from 'tap'
import { maintenanceOf } from '../../dashboard/pages/alerts/mutes.ts'
import { readTimeText } from '../../dashboard/core/time-text.ts'

const NOW = Date.UTC(2026, 0, 31, 15, 30)

test('a time is read as a person writes it, in UTC where that is shown', async (t) => {
  const read = (text: string): string | undefined => {
    const ms = readTimeText(text, { now: NOW, isUtc: true })
    return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 19)
  }

  for (const [text, wanted] of [
    ['now', '2026-01-31T15:30:00'], ['-90m', '2026-01-31T14:00:00'], ['yesterday 14:00', '2026-01-30T14:00:00'], ['Yesterday', '2026-01-30T00:00:00'],
    [' today 9:05 ', '2026-01-31T09:05:00'], ['14:00', '2026-01-31T14:00:00'], ['2026-01-31 14:00', '2026-01-31T14:00:00'], ['2026-01-31', '2026-01-31T00:00:00'],
    ['2026-01-31T14:00:00+02:00', '2026-01-31T12:00:00'], ['25:00', undefined], ['yesterday 14:60', undefined], ['2026-02-30 10:00', undefined], ['soon', undefined], ['', undefined]
  ] as const) t.equal(read(text), wanted, text)
})

test('without a zone a time is that of the clock of the reader', async (t) => {
  const read = (text: string): number | undefined => readTimeText(text, { now: NOW, isUtc: false })
  const day = new Date(NOW)

  t.equal(read('2026-07-01 14:00'), new Date(2026, 6, 1, 14, 0).getTime())
  t.equal(read('yesterday 14:00'), new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1, 14, 0).getTime())
  t.equal(read('2026-07-01T14:00Z'), Date.UTC(2026, 6, 1, 14, 0), 'a zone is kept')
  t.equal(read('2026-02-30 10:00'), undefined)
})

test('a maintenance is what its form says, and no more', async (t) => {
  const read = (fields: Record<string, string>) => maintenanceOf((name) => fields[name] ?? '', (text) => readTimeText(text, { now: NOW, isUtc: true }))

  t.same(read({ name: 'Backup', duration: '1h', when: 'now', cron: '0 2 * * *', rule: '' }), { name: 'Backup', duration: '1h' })
  t.same(read({ name: 'Backup', duration: '1h', when: 'cron', cron: '0 2 * * *', time_zone: 'Europe/Berlin', query: 'service:api' }), { name: 'Backup', duration: '1h', query: 'service:api', cron: '0 2 * * *', time_zone: 'Europe/Berlin' })
  t.same(read({ name: 'Move', duration: '2h', when: 'time', from: 'today 22:00', reason: 'new disks' }), { name: 'Move', duration: '2h', from: '2026-01-31T22:00:00.000Z', reason: 'new disks' })
  t.match(read({ name: 'Move', duration: '2h', when: 'time', from: 'soon' }), /A time is like/)
})
