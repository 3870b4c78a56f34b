#!/usr/bin/env bash
# A field called msg, message or level, given to three loggers
#
# Guess: the text of the call stands in the line, and so does the field, under its own or another name; and the level is that of
#   the call.
# Seen:  pino 10.4.0, bunyan 2.0.5, winston 3.19.0; Node 20 and 24.
#   bunyan drops the field, and if there is no other text, the text with it: an empty line. winston joins the two texts with a
#   blank, and with format.splat() the field replaces the text. A level in the fields replaces the level of the call in bunyan
#   and in winston with splat; winston without splat drops it, pino writes both.
# Why:   answers of other services have such fields, and { ...answer } is logged often. Adding splat for its %s changes what
#   lines say that have no %s in them; and a line at INFO counts as an error, or an error as INFO.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.4.0 bunyan@2.0.5 winston@3.19.0

cat > run.cjs <<'JS'
const { Writable } = require('node:stream')
const bunyan = require('bunyan')
const pino = require('pino')
const { createLogger, format, transports } = require('winston')

const own = ['name', 'hostname', 'pid', 'time', 'v']
function write (line) {
  let text = line.trim()
  for (const key of own) text = text.replace(new RegExp(`,?"${key}":("[^"]*"|\\d+)`), '')
  console.log(`    ${text.replace('{,', '{')}`)
}
const stream = () => new Writable({ write (chunk, _encoding, done) { write(String(chunk)); done() } })
const withWinston = (format) => createLogger({ format, transports: [new transports.Stream({ stream: stream() })] })

const pinoLogger = pino({ base: null, timestamp: false }, { write })
const bunyanLogger = bunyan.createLogger({ name: 'shop', stream: { write } })
const winstonLogger = withWinston(format.json())
const splatLogger = withWinston(format.combine(format.splat(), format.json()))

const calls = {
  'text and field': [
    () => pinoLogger.info({ msg: 'card refused' }, 'payment'),
    () => bunyanLogger.info({ msg: 'card refused' }, 'payment'),
    () => winstonLogger.info('payment', { message: 'card refused' }),
    () => splatLogger.info('payment', { message: 'card refused' })
  ],
  'field alone': [
    () => pinoLogger.info({ msg: 'card refused' }),
    () => bunyanLogger.info({ msg: 'card refused' }),
    () => winstonLogger.info({ message: 'card refused' }),
    () => splatLogger.info({ message: 'card refused' })
  ],
  'level in the fields': [
    () => pinoLogger.info({ level: 50 }, 'payment'),
    () => bunyanLogger.info({ level: 50 }, 'payment'),
    () => winstonLogger.info('payment', { level: 'error' }),
    () => splatLogger.info('payment', { level: 'error' })
  ]
}
for (const [title, list] of Object.entries(calls)) {
  console.log(title)
  for (const [at, call] of list.entries()) {
    console.log(`  ${['pino', 'bunyan', 'winston', 'winston with splat'][at]}`)
    call()
  }
}
JS

cat > expected <<'TEXT'
text and field
  pino
    {"level":30,"msg":"card refused","msg":"payment"}
  bunyan
    {"level":30,"msg":"payment"}
  winston
    {"level":"info","message":"payment card refused"}
  winston with splat
    {"level":"info","message":"card refused"}
field alone
  pino
    {"level":30,"msg":"card refused"}
  bunyan
    {"level":30,"msg":""}
  winston
    {"level":"info","message":"card refused"}
  winston with splat
    {"level":"info","message":"card refused"}
level in the fields
  pino
    {"level":30,"level":50,"msg":"payment"}
  bunyan
    {"level":50,"msg":"payment"}
  winston
    {"level":"info","message":"payment"}
  winston with splat
    {"level":"error","message":"payment"}
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
