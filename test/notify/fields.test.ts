import { test } from 'tap'
import { noticeBody, testBody } from '../../src/notify/body.ts'
import { fillFields, unknownFields } from '../../src/notify/fields.ts'
import { body, NOW } from './support.ts'

const texts: Array<[text: string, filled: string]> = [
  ['{rule} is {severity} and {state}', 'CPU is critical and firing'],
  ['{value}{unit} of {limit}{unit}', '97.25% of 95%'],
  ['on {labels.host}, since {started_at}', 'on db1, since 2026-11-22T11:59:00.000Z'],
  ['{url}', 'http://localhost:8080/alerts/alert_1'],
  ['{labels.missing}.', '.'],
  ['{labels.constructor}{labels.__proto__}.', '.'],
  ['{constructor} {__proto__} {rule.name} {labels} {labels.} { rule } {Rule} {}', '{constructor} {__proto__} {rule.name} {labels} {labels.} { rule } {Rule} {}'],
  ['{{ $value }} {{rule}} $' + '{rule}', '{{ $value }} {CPU} $CPU'],
  ['{{constructor.constructor("return process")()}}', '{{constructor.constructor("return process")()}}']
]

test('fields are replaced by their values, and nothing else is', async (t) => {
  for (const [text, filled] of texts) t.equal(fillFields(text, body()), filled, text)
})

test('a value that looks like a field is not filled in turn, and a dollar is a dollar', async (t) => {
  const hostile = body({ rule: { id: 'r', name: '{labels.secret} $& $1' }, labels: { secret: 'x' } })

  t.equal(fillFields('[{rule}]', hostile), '[{labels.secret} $& $1]')
})

test('numbers are written for people', async (t) => {
  for (const [value, text] of [[0, '0'], [0.1 + 0.2, '0.3'], [97.256, '97.26'], [999.96, '1000'], [1234.5, '1235'], [-5, '-5'], [1e9, '1000000000'], [null, 'no value']] as const) {
    t.equal(fillFields('{value}', body({ value })), text)
  }
})

test('what is in braces and is no field is told', async (t) => {
  t.same(unknownFields('{rule} {labels.a.b} {valeu} {rule.name} { x } {X}'), ['valeu', 'rule.name'])
})

test('a notice has its annotations filled in, times in ISO 8601 and the page of its alert', async (t) => {
  const { started_at: startedAt, url, ...announced } = body({ alert_id: 'a/1', annotations: { summary: '{rule} at {value} {unit}: {url}' } })

  const made = noticeBody({ ...announced, startedAt: Date.parse(startedAt), endedAt: NOW }, 'https://ops.example.com')

  t.match(made, { started_at: startedAt, ended_at: '2026-11-22T12:00:00.250Z', url: 'https://ops.example.com/alerts/a%2F1' })
  t.equal(made.annotations['summary'], 'CPU at 97.25 %: https://ops.example.com/alerts/a%2F1')
})

test('the notice that tries a channel says that it is a test', async (t) => {
  t.match(testBody({ id: 't1', rule: { id: 'test', name: 'Test' }, summary: 'It works.', now: NOW, baseUrl: 'http://b' }), { type: 'test', rule: { name: 'Test' }, annotations: { summary: 'It works.' } })
  t.same(testBody({ id: 't1', rule: { id: 'test', name: 'Test' }, now: NOW, baseUrl: 'http://b' }).annotations, {})
})
