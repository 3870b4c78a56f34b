import { test } from 'tap'
import { csvHead, csvRow } from '../../src/events/csv.ts'
import type { Event } from '../../schemas/event.ts'

function event (message: string, more: Partial<Event> = {}): Event {
  return {
    id: '1',
    time: 'T',
    received_at: 'R',
    level: 'INFO',
    severity: 'LOW',
    service: null,
    type: null,
    host: null,
    trace_id: null,
    message,
    meta: {},
    pattern_id: null,
    anomaly: { score: 0, flagged: false, reasons: [] },
    ...more
  }
}

test('a row has the columns that the head names, and ends as RFC 4180 says', async (t) => {
  t.equal(csvHead(), 'id,time,received_at,level,severity,service,type,host,trace_id,message,pattern_id,meta\r\n')
  t.equal(csvRow(event('hello', { service: 'api', trace_id: 'abc' })), '1,T,R,INFO,LOW,api,,,abc,hello,,{}\r\n')
})

const cells: ReadonlyArray<[message: string, cell: string]> = [
  ['plain', 'plain'],
  ['', ''],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['a\r', '"a\r"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['=a,"b"', '"\'=a,""b"""'],
  ['a=b', 'a=b'],
  [' =b', ' =b']
]
for (const [message, cell] of cells) {
  test(`the text ${JSON.stringify(message)} is written so that it is read back and not run`, async (t) => {
    t.equal(csvRow(event(message)), `1,T,R,INFO,LOW,,,,,${cell},,{}\r\n`)
  })
}

test('every column that a sender fills is made safe', async (t) => {
  const hostile = '=cmd()'
  const row = csvRow(event(hostile, { id: hostile, service: hostile, type: hostile, host: hostile, trace_id: hostile, pattern_id: hostile }))

  t.equal(row, "'=cmd(),T,R,INFO,LOW,'=cmd(),'=cmd(),'=cmd(),'=cmd(),'=cmd(),'=cmd(),{}\r\n")
})

test('meta is one cell of JSON', async (t) => {
  t.equal(csvRow(event('m', { meta: { a: [1, 'x'] } })), '1,T,R,INFO,LOW,,,,,m,,"{""a"":[1,""x""]}"\r\n')
})
