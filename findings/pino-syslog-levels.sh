#!/usr/bin/env bash
# Lines of pino with a level of one's own, as syslog
#
# Guess: pino-syslog gives a custom level (customLevels of pino, documented) the severity of the nearest level below; and time and
#   name come through.
# Seen:  pino-syslog 4.0.0, pino 10.4.0; Node 20 and 24.
#   The priority is the text NaN, <NaN>1, which is no syslog line at all. The milliseconds are cut off, though RFC 5424 has room
#   for six digits. An appname with a blank is written as it is, so a reader takes its second word for the process id.
# Why:   a level between two, like notice or audit, marks the lines that must not be lost, and a receiver drops just those or takes
#   them for something else. Lines of one second have no order any more.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino-syslog@4.0.0 pino@10.4.0

cat > run.cjs <<'JS'
const { execFileSync } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const pino = require('pino')

function syslog (config, log) {
  const lines = []
  const stream = { write: (line) => { lines.push(line) } }
  log(pino({ base: { pid: 7, hostname: 'web' }, timestamp: () => ',"time":1700000000123', customLevels: { notice: 35 } }, stream))
  writeFileSync('config.json', JSON.stringify({ newline: true, messageOnly: true, ...config }))
  const cli = require.resolve('pino-syslog/psyslog.js')
  process.stdout.write(execFileSync(process.execPath, [cli, '-c', 'config.json'], { input: lines.join('') }))
}
syslog({}, (log) => log.info('of the level info'))
syslog({}, (log) => log.notice('of a level of its own'))
syslog({ modern: false, tz: 'Etc/UTC' }, (log) => log.notice('the same as RFC 3164'))
syslog({ appname: 'web shop' }, (log) => log.info('of an application with a blank'))
JS

cat > expected <<'TEXT'
<134>1 2023-11-14T22:13:20Z web - 7 - - of the level info
<NaN>1 2023-11-14T22:13:20Z web - 7 - - of a level of its own
<NaN>Nov 14 22:13:20 web none[7]: the same as RFC 3164
<134>1 2023-11-14T22:13:20Z web web shop 7 - - of an application with a blank
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
