#!/usr/bin/env bash
# The lines that winston is given before its file is open
#
# Guess: the file transport keeps what it is given until the file is open, with maxsize or without, and starts a second file
#   when the first is full: so no line is lost.
# Seen:  winston 3.19.0; Node 20 and 24.
#   If what is logged in the first moment is more than maxsize, none of it is stored: two files are made, both empty. Nothing is
#   raised and no event says so; lines logged later arrive. Without maxsize all lines arrive, and with it all do when the first
#   burst is smaller.
# Why:   what a service says of its settings, its migrations and of why it cannot start is such a burst. And who tries out the
#   rotation with a small maxsize in a loop sees an empty file.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts winston@3.19.0

cat > run.cjs <<'JS'
const { readFileSync, readdirSync, mkdirSync } = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')
const { createLogger, format, transports } = require('winston')

async function run (title, folder, burst, options) {
  mkdirSync(folder)
  const file = new transports.File({ filename: `${folder}/app.log`, ...options })
  const logger = createLogger({ format: format.printf(({ message }) => message), transports: [file] })
  for (let at = 0; at < burst; at++) logger.info(`first ${String(at).padStart(4, '0')}`)
  await sleep(500)
  for (let at = 0; at < 20; at++) {
    logger.info(`later ${String(at).padStart(4, '0')}`)
    await sleep(5)
  }
  await sleep(500)
  const text = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8')).join('')
  const count = (word) => text.split('\n').filter((line) => line.startsWith(word)).length
  console.log(`${title}: ${count('first')} of ${burst} lines, then ${count('later')} of 20`)
}

async function main () {
  await run('11 kB, no maxsize', 'a', 1000, {})
  await run('11 kB, maxsize of 20 kB', 'b', 1000, { maxsize: 20_000 })
  await run('11 kB, maxsize of 10 kB', 'c', 1000, { maxsize: 10_000 })
}
main()
JS

cat > expected <<'TEXT'
11 kB, no maxsize: 1000 of 1000 lines, then 20 of 20
11 kB, maxsize of 20 kB: 1000 of 1000 lines, then 20 of 20
11 kB, maxsize of 10 kB: 0 of 1000 lines, then 20 of 20
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
