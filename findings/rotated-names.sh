#!/usr/bin/env bash
# Which of the rotated files is the newest?
#
# Guess: rotating-file-stream names them by date, time and a number that goes up, so names in order are files in order.
# Seen:  rotating-file-stream 3.2.10; Node 20 and 24.
#   The number is the first that is free. Once maxFiles (or maxSize) has removed the oldest, the next file takes its name: the
#   one with the highest number is the oldest, until the minute is over.
# Why:   a shipper that reads by name sends lines out of order, and one that remembers names it has read passes over a new file:
#   just when there is most to log, since only then several files fall into one minute.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts rotating-file-stream@3.2.10

cat > run.mjs <<'JS'
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStream } from 'rotating-file-stream'

// All in one minute, since the names hold it.
if (new Date().getSeconds() > 50) await sleep(11_000)
const stream = createStream('app.log', { path: 'logs', size: '100B', maxFiles: 3 })
for (let at = 0; at < 30; at++) stream.write(`line ${String(at).padStart(2, '0')} ............\n`)
await new Promise((resolve) => stream.end(resolve))
for (const name of readdirSync('logs').filter((name) => name.endsWith('-app.log')).sort()) {
  const lines = readFileSync(`logs/${name}`, 'utf8').split('\n').filter((line) => line !== '').map((line) => line.slice(5, 7))
  console.log(`${name.replace(/^\d+-\d+/, 'DATE-TIME')}: ${lines.join(' ')}`)
}
JS

cat > expected <<'TEXT'
DATE-TIME-01-app.log: 20 21 22 23 24
DATE-TIME-02-app.log: 25 26 27 28 29
DATE-TIME-04-app.log: 15 16 17 18 19
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
