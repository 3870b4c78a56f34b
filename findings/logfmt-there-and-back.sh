#!/usr/bin/env bash
# A logfmt line by winston-logfmt, read by two logfmt parsers
#
# Guess: there is no specification, but what one library writes the others read: a line break, a path, an address with a query,
#   a lone key.
# Seen:  winston-logfmt 1.0.0, logfmt 1.4.0, @jclem/logfmt2 2.4.3; Node 20 and 24.
#   The parsers take the backslash of an escape away and keep the letter, so a stack trace comes back as one line with an n at
#   each break. A value with = that is written without quotes loses the = in one and is cut there in the other, which then
#   makes a field of its rest. A key without = (a flag) takes the next key as its value in @jclem/logfmt2, and from there on
#   keys and values change places.
# Why:   levels and ids end up in fields nobody looks at. A search for level=error misses the line, and nothing is raised.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  winston@3.19.0 winston-logfmt@1.0.0 logfmt@1.4.0 @jclem/logfmt2@2.4.3

cat > run.mjs <<'JS'
import { Writable } from 'node:stream'
import { createLogger, transports } from 'winston'
import winstonLogfmt from 'winston-logfmt'
import logfmt from 'logfmt'
import { decode } from '@jclem/logfmt2'

function show (line) {
  console.log(line)
  console.log('  logfmt: ', JSON.stringify(logfmt.parse(line)))
  console.log('  logfmt2:', JSON.stringify(decode(line)))
}

const stream = new Writable({ write (chunk, _encoding, done) { show(String(chunk).trimEnd()); done() } })
const logger = createLogger({ format: winstonLogfmt.logFmtFormat(), transports: [new transports.Stream({ stream })] })
logger.error('Error: no\n    at pay')
logger.error('kept', { path: 'C:\\temp' })
logger.error('sent', { url: 'http://shop/?a=1&b=2', status: 500 })
show('dry_run level=error msg=paid')
JS

cat > expected <<'TEXT'
message="Error: no\n    at pay" level=error
  logfmt:  {"message":"Error: non    at pay","level":"error"}
  logfmt2: {"message":"Error: non    at pay","level":"error"}
path=C:\temp level=error message=kept
  logfmt:  {"path":"C:temp","level":"error","message":"kept"}
  logfmt2: {"path":"C:temp","level":"error","message":"kept"}
url=http://shop/?a=1&b=2 status=500 level=error message=sent
  logfmt:  {"url":"http://shop/?a1&b2","status":"500","level":"error","message":"sent"}
  logfmt2: {"url":"http://shop/?a","1&b":"2","status":"500","level":"error","message":"sent"}
dry_run level=error msg=paid
  logfmt:  {"dry_run":true,"level":"error","msg":"paid"}
  logfmt2: {"dry_run":"level","error":"msg"}
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
