import { test } from 'tap'
import fc from 'fast-check'
import type { Level } from '../../../schemas/event.ts'
import { lineEvent } from '../../../src/ingest/text/line-event.ts'
import type { Judged } from '../../../src/ingest/normalise.ts'
import type { Stamp } from '../../../src/ingest/draft.ts'
import { accepted, contextOf, NOW } from '../support.ts'

function read (line: string, stamp?: Stamp): Judged {
  const result = lineEvent(line, contextOf(stamp))
  if ('faults' in result) throw new Error(`refused: ${JSON.stringify(result.faults)}`)
  return result
}

function coloured (text: string): string {
  return text.replaceAll('^', '\u001b[').replaceAll('~', '\u001b[0m')
}

const TOLD: Record<Level, string[]> = {
  TRACE: ['[trace] x', '06:11:01.683 [T] shop: x', 'sill cart x', 'trce: Shop.Cart[0]', '2026-05-31 12:00:00.123 | TRACE    | shop:<module>:5 - x', 'verbose: x', 'V/Tag( 12): x'],
  DEBUG: ['DEBUG x', 'debug: x', 'dbug: Shop.Cart[0]', 'FINE: x', '[42] DEBUG x', 'DEBU[0001] x', '\u2699 x', 'D, [2026-05-31T12:00:00.123456 #7] DEBUG -- shop: x', ' Debug      x'],
  INFO: ['INFO:     127.0.0.1:5000 - "GET / HTTP/1.1" 200', '[0.123s][info][gc] x', 'notice: x', '2026-05-31 12:00:00 UTC [7] LOG:  ERROR in a checkpoint', 'INFO request failed with ERROR'],
  WARN: [
    ' WARN  x', 'WARN[0012] x', '(node:7) [DEP0040] DeprecationWarning: x', 'warning: unused variable', 'npm warn deprecated x@1', 'npm WARN deprecated x@1', 'level=warn msg=x',
    'PHP Warning:  x', '\u26A0\uFE0F x', '[shop] \u203A \u26A0  warning   x', 'shop - WARNING - x', "{ level: 'warn', msg: 'x' }", '2026-05-31T12:00:00Z <warn> x', 'WARNING:shop.cart:x',
    coloured('^37;40mshop~ ^0m^30;43mWARN~ ^35mcart~ x')
  ],
  ERROR: [
    '2026-05-31 12:00:00 ERROR x', '[error] x', coloured('^31merror^39m: x'), coloured('^41m^30m ERROR ^39m^49m x'), coloured('^31merror^39m x'), 'E0531 12:00:00.000000    7 file.go:12] x', 'npm ERR! code E404',
    'shop ERR! cart x', ' ERROR  x', '\u2716  error     x', '<11>Oct  8 12:00:00 web-1 shop[7]: x', '<3>x', 'ERRO[0000] x', '2026/05/31 12:00:00 ERROR x user=5', '12:00PM ERR x', '2026-05-31T12:00:00Z\terror\tx',
    '[2026-05-31T12:00:00Z ERROR shop::cart] x', '[2026-05-31][12:00:00][shop][ERROR] x', '[12:00:00 ERR] x', '[12:00:00 Error] x', '2026-05-31 12:00:00.1234|ERROR|Shop.Cart|x',
    '2026-05-31 12:00:00.1234|Error|Shop.Cart|x', 'fail: Shop.Cart[0]', '12:00:00.123 [main] ERROR com.acme.Foo -- x', '2026-05-31T12:00:00.123Z ERROR 7 --- [main] c.a.Foo : x', 'SEVERE: x', 'ERROR:root:x',
    '2026-05-31 12:00:00,123 - shop - ERROR - x', '2026-05-31 12:00:00,123 shop ERROR x', '[2026-05-31 12:00:00,123: ERROR/MainProcess] x', '2026-05-31 12:00:00 [error    ] x    user=5',
    '[2026-05-31T12:00:00+00:00] shop.ERROR: x', '[Wed May 31 12:00:00.123456 2026] [core:error] [pid 1:tid 2] x', '2026/05/31 12:00:00 [error] 1#0: *1 x', '[2026-05-31T12:00:00,123][ERROR][o.e.Boot] x',
    '05-31 12:00:00.123  1234  1234 E Tag: x', 'error[E0308]: x', 'src/x.ts(1,2): error TS2304: x', 'file.c:5:3: error: x', 'web-1  | 2026-05-31 12:00:00 ERROR x', '0|shop  | error: x', '2026-05-31,12:00:00,ERROR,x',
    '2026-05-31T12:00:00.123456789Z stderr F ERROR x', '2026-05-31T12:00:00.1+00:00 heroku[router]: at=error code=H12', 'Oct  8 12:00:00 vm shop[7]: ERROR x', '*** ERROR: x', '2026-05-31 12:00:00 error x',
    'Error: connect ECONNREFUSED', 'TypeError: x', 'java.io.IOException: x', 'Exception in thread "main" x', 'Traceback (most recent call last):', 'Uncaught TypeError: x', 'failed: TypeError: x', 'shop: error: x',
    '2026-05-31T12:00:00Z shop:cart Error: x', 'web-1  | {"level":50,"msg":"x"}', '{"level":"error","msg":"x"}', 'error=true message="x"', ' Error      x', '\u2716 x', '=ERROR REPORT==== x', '  2026-05-31T12:00:00Z ERROR x'
  ],
  FATAL: ['fatal: not a git repository', 'CRITICAL:root:x', 'crit: Shop.Cart[0]', 'panic: x', "thread 'main' panicked at src/main.rs:2:5:", '[08-Oct-2025 12:00:00 UTC] PHP Fatal error:  x', '2026-05-31 12:00:00.123 CEST [7] postgres@shop FATAL:  x']
}

for (const [level, lines] of Object.entries(TOLD)) {
  test(`a line of text that a logger wrote has the level ${level} that its head tells`, async (t) => {
    // Unlike each of them.
    const stamp = { level: level === 'FATAL' ? 'TRACE' : 'FATAL' } as const

    for (const line of lines) t.equal(read(line, stamp).level, level, line)
  })
}

test('prose and the lines of a stack tell no level, whatever words they hold', async (t) => {
  const lines = [
    'no error found', 'No errors', '0 errors, 3 warnings', '3 ERROR lines', 'error rate is 0', 'Error handling is on', 'information is power', 'fine, thanks', 'default config loaded', 'log rotated', 'Found ERROR in a file',
    'no ERROR found', '2026-05-31 12:00:00 no error found', '2026-05-31 12:00:00 no ERROR found', 'the user said error: nothing', 'last error: none', 'WARNINGS: 0', '"error"', '<p>error</p>', 'GET /error HTTP/1.1',
    'error.log rotated', 'ERROR_COUNT=5', 'LOG_LEVEL is ERROR', 'HTTP ERROR 500', 'http://error', 'A customer bought', 'E = mc2', '2026-05-31 12:00:00 A customer', 'alert dismissed by ann', 'debug mode enabled', 'fatal attraction',
    '(no error)', 'hello [ERROR] world', 'Trace: here', 'Trace', '    at Object.error (file.js:1:2)', '\tat com.acme.Foo.error(Foo.java:5)', '    err: {', '          Error: x', '  [cause]: Error: inner', '<999>x', '{"a": 1}', 'a=1 b=2',
    '::1 - - [31/May/2026:12:00:00 +0000] "GET / HTTP/1.1" 500 1'
  ]

  for (const line of lines) {
    t.equal(read(line).level, 'INFO', line)
    t.equal(read(line, { level: 'DEBUG' }).level, 'DEBUG', line)
  }
})

test('a line of text has the time that its head tells with its day, and that of the receipt otherwise', async (t) => {
  const noon = Date.UTC(2026, 4, 31, 12)
  const table: Array<[line: string, time: number | undefined]> = [
    ['2026-05-31 12:00:00 x', noon], ['[2026-05-31T12:00:00.000Z] x', noon], ['2026-05-31T14:00:00+02:00 ERROR x', noon], ['2026/05/31 12:00:00 x', noon], ['ERROR [2026-05-31 12:00:00,000] x', noon],
    ['WARN  2026-05-31 12:00:00 x', noon], ['[Sun May 31 12:00:00 2026] [core:error] x', noon], ['::1 - - [31/May/2026:12:00:00 +0000] "GET /" 200', noon], ['<11>May 31 12:00:00 web-1 shop: x', noon],
    ['<165>1 2026-05-31T12:00:00Z web-1 shop 7 - - x', noon], ['May 31, 2026 12:00:00 PM com.acme.Foo main', noon], ['1780228800 x', noon], ['1780228800000 x', noon], ['E0531 12:00:00.000000    7 file.go:12] x', noon],
    ['level=info time=2026-05-31T12:00:00Z msg=x', noon], ['{"time":1780228800000,"msg":"x"}', noon], ['web-1  | 2026-05-31T12:00:00Z x', noon], ['31-May-2026 12:00:00.000 SEVERE [main] x', noon],
    ['12:00:00 x', undefined], ['05/31/2026, 12:00:00 PM x', undefined], ['2026-05-31 x', undefined], ['2026-05-31 12:00:00 CEST [7] x', undefined], ['2026-02-31 12:00:00 x', undefined], ['since 2026-05-31 12:00:00', undefined],
    ['1234567890 x', undefined], ['2026-05-31 12:00:000 x', undefined]
  ]

  for (const [line, time] of table) {
    const event = read(line)
    t.equal(event.time, time ?? NOW, line)
    t.equal(event.isTimed, time !== undefined, line)
  }
})

test('fields in a line of text name its service, host and trace, and the message stays the line', async (t) => {
  const lines = [
    'level=error msg="disk \\"full\\"" service=shop host=web-1 trace_id=4bf9 time=2026-05-31T12:00:00Z',
    '{"level":"error","msg":"disk full","service":"shop","host":"web-1","trace_id":"4bf9","time":"2026-05-31T12:00:00Z"}'
  ]

  for (const line of lines) {
    t.match(read(line, { service: 's', host: 'h' }), { message: line, level: 'ERROR', service: 'shop', host: 'web-1', traceId: '4bf9', time: Date.UTC(2026, 4, 31, 12), meta: null, clientId: null })
  }
  t.match(read('level=error msg=x', { service: 's', host: 'h' }), { service: 's', host: 'h' })
  t.match(lineEvent('service=shop msg=x', { ...contextOf(), rules: { service: 'own', env: 'prod' } }), { service: 'own', meta: '{"env":"prod"}' })
})

test('a header of syslog and a process id beside a name tell which program wrote a line, where', async (t) => {
  const table: Array<[line: string, service: string | null, host: string | null]> = [
    ['<165>1 2026-05-31T12:00:00Z web-1 shop 7 ID47 - x', 'shop', 'web-1'], ['<165>1 - - - - - - x', null, null], ['<11>May 31 12:00:00 web-1 shop[7]: x', 'shop', 'web-1'], ['<11>May 31 12:00:00 web-1 shop: x', 'shop', 'web-1'],
    ['May 31 12:00:00 web-1 shop[7]: x', 'shop', 'web-1'], ['[12:00:00.000] ERROR (shop/7): x', 'shop', null], ['ERROR [12:00:00.000] (shop/7 on web-1): x', 'shop', 'web-1'],
    ['[2026-05-31T12:00:00.000Z] ERROR: shop/7 on web-1: x', 'shop', 'web-1'], [coloured('[12:00:00.000] ^31mERROR^39m (shop/7): ^36mx^39m'), 'shop', null],
    ['May 31 12:00:00 nobody said: x', null, null], ['we release (v1/2): x', null, null], ['2026-05-31 12:00:00 ERROR shop: x', null, null]
  ]

  for (const [line, service, host] of table) t.match(read(line), { service, host }, line)
  t.match(read('<11>May 31 12:00:00 web-1 shop: x', { service: 's', host: 'h' }), { service: 'shop', host: 'web-1' })
})

test('what a container runtime makes of a printed line has the level of that line, unless it tells one', async (t) => {
  t.match(accepted({ log: '2026-05-31 12:00:00 ERROR x\n', stream: 'stderr', time: NOW }), { level: 'ERROR', message: '2026-05-31 12:00:00 ERROR x\n', time: NOW })
  t.match(accepted({ log: '{"level":40,"msg":"x"}\n', stream: 'stdout' }), { level: 'WARN' })
  t.match(accepted({ log: '[error] x', stream: 'stdout', level: 'info' }), { level: 'INFO' })
  t.match(accepted({ log: '[error] x' }), { level: 'INFO' })
})

test('a level or time of fields in a line of text that is none is noted', async (t) => {
  t.match(read('level=banana msg=x'), { level: 'INFO', message: 'level=banana msg=x', meta: '{"level":"banana"}', notes: [{ part: 'level', path: '/level' }] })
  t.match(read('time=noon level=warn'), { level: 'WARN', time: NOW, notes: [{ part: 'time', path: '/time' }] })
})

test('a line of text below the minimum level of its token is refused', async (t) => {
  const context = { ...contextOf(), rules: { minLevel: 'WARN' } as const }

  t.match(lineEvent('[debug] x', context), { faults: [{ path: '', message: 'DEBUG is below the minimum level of this token, WARN' }] })
  t.match(lineEvent('[error] x', context), { level: 'ERROR' })
  t.match(lineEvent('x', { ...context, stamp: { level: 'ERROR' } }), { level: 'ERROR' })
})

test('any line of text is an event with the line as its message', async (t) => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('[', ']', '(', '<', '{"', '=', '"', '\\', ':', '|', ' - ', 'ERROR', 'error', '\u001b[31m', '\u001b[', '2026-05-31 12:00:00', 'level', '\u2716', '\uE000', '\t'))
  const line = fc.array(piece, { minLength: 1 }).map((pieces) => pieces.join('')).filter((text) => !text.includes('\0'))

  fc.assert(fc.property(line, (text) => read(text).message === text), { numRuns: 1000 })
  t.pass('on 1000 lines')
})

test('a hostile line of a megabyte is read at once', async (t) => {
  const pieces = ['[', '(', '<', '{', '{"', '{"a":', 'a=', 'a="', 'a=" ', 'a ', 'a:', 'A', '1', '1 ', ':', '-', ' ', '\u001b[', '\u001b[1', '\u001b[31m', '"', '\\', 'a=b ', 'a="\\', 'Error', 'a.', '2026-05-31 ', '\u2716', '\uE000', "thread '"]

  for (const piece of pieces) {
    const line = piece.repeat(Math.ceil(1_000_000 / piece.length))
    t.equal(read(line).message.length, line.length, JSON.stringify(piece))
  }
})
