import { test } from 'tap'
import { historyCsv, historyOf } from '../../dashboard/pages/alerts/history.ts'
import { isActive, silencesInOrder, targetText, whenText } from '../../dashboard/pages/alerts/mutes.ts'
import { at, fileOf, iso } from './support.ts'

test('every change of every alert stands in one list, newest first', (t) => {
  const held = fileOf({ started: 0, fired: 10, ended: 50 }, { acknowledged_by: 'ann', acknowledged_at: iso(30) })
  const sudden = fileOf({ started: 20, fired: 20, ended: null }, { id: 'alr_2' })
  const brief = fileOf({ started: 5, fired: null, ended: 8 }, { id: 'alr_3' })

  t.same(historyOf([sudden, held, brief]).map(({ at: time, from, to, by, alert }) => [(time - at(0)) / 1_000, alert.id, from, to, by]), [
    [50, 'alr_1', 'firing', 'resolved', undefined],
    [30, 'alr_1', 'firing', 'acknowledged', 'ann'],
    [20, 'alr_2', 'healthy', 'firing', undefined],
    [10, 'alr_1', 'pending', 'firing', undefined],
    [8, 'alr_3', 'pending', 'resolved', undefined],
    [5, 'alr_3', 'healthy', 'pending', undefined],
    [0, 'alr_1', 'healthy', 'pending', undefined]
  ])
  t.end()
})

test('the export keeps every text in its cell, and makes none a formula', (t) => {
  const file = fileOf({ started: 0, fired: 0, ended: null }, { rule: { id: 'r', name: '=A1,"x"', version: 1 }, value: -3, labels: { mount: '/a', host: 'b' } })

  t.equal(historyCsv(historyOf([file])), `time,rule,from,to,severity,value,unit,labels,by,silence,alert\r\n${iso(0)},"'=A1,""x""",healthy,firing,warning,-3,,mount=/a host=b,,,alr_1\r\n`)
  t.end()
})

const silence = { id: 's', reason: null, created_by: 'ann', created_at: iso(0), ended_at: null, held_back: 0, until: null, until_recovered: false }

test('silences in force come first', (t) => {
  const all = [
    { ...silence, id: 'over', until: iso(50) },
    { ...silence, id: 'ended', created_at: iso(1), ended_at: iso(20) },
    { ...silence, id: 'on', created_at: iso(-9), until: iso(500) },
    { ...silence, id: 'open', created_at: iso(-5) }
  ]

  t.same(silencesInOrder(all, at(100)).map(({ id }) => id), ['open', 'on', 'ended', 'over'])
  t.notOk(isActive({ ended_at: null, until: iso(100) }, at(100)), 'its end is not a part of it')
  t.end()
})

test('a silence and a maintenance say what they are about, and when', (t) => {
  const name = (id: string): string => id === 'r' ? 'Heat' : id
  t.equal(targetText({ rule: 'r', labels: { mount: '/' }, query: 'level:warn' }, name), 'Heat, mount /, level:warn')
  t.equal(targetText({}, name), 'every alert')
  t.equal(whenText({ duration: '2h', cron: '0 2 * * SUN', time_zone: 'Europe/Berlin' }, String), '2 h, again and again: 0 2 * * SUN in Europe/Berlin')
  t.equal(whenText({ duration: '2h', from: iso(0) }, (ms) => String(ms - at(0))), '2 h from 0')
  t.end()
})
