#!/usr/bin/env bash
# The first lines of a log file after its rotation
#
# Guess: a library that follows a file by its name reads the new file from its start once the old one was renamed.
# Seen:  tail 2.2.6, @logdna/tail-file 4.0.2; Node 20 and 24, Linux.
#   tail goes on in the new file where it was in the old one, and skips what is there while that is less; with useWatchFile it
#   loses what was written at once. When the file was named without a folder it reads nothing more at all. @logdna/tail-file
#   reads all.
# Why:   logrotate renames, then the service opens a new file. The first lines of each day are lost, more of them the fuller the
#   last file was, and no error tells it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts tail@2.2.6 @logdna/tail-file@4.0.2 split2@4.2.0

cat > run.cjs <<'JS'
const { appendFileSync, renameSync, writeFileSync } = require('node:fs')
const { resolve } = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const TailFile = require('@logdna/tail-file')
const split2 = require('split2')
const { Tail } = require('tail')

function withTail (options) {
  return async (file, take) => {
    const tail = new Tail(file, options)
    tail.on('line', take)
    return () => tail.unwatch()
  }
}

async function withTailFile (file, take) {
  const tail = new TailFile(file, { pollFileIntervalMs: 100 })
  tail.pipe(split2()).on('data', take)
  await tail.start()
  return () => tail.quit()
}

async function run (title, file, follow) {
  writeFileSync(file, '')
  const lines = []
  const stop = await follow(file, (line) => lines.push(line))
  await sleep(500)
  appendFileSync(file, 'the old one\n'.repeat(3))
  await sleep(500)
  renameSync(file, `${file}.1`)
  writeFileSync(file, 'first of the new one\n')
  await sleep(3000)
  for (const word of ['second', 'third', 'fourth']) {
    appendFileSync(file, `${word}\n`)
    await sleep(700)
  }
  await stop()
  console.log(`${title}:\n  ${lines.join(' | ')}`)
}

async function main () {
  await run('tail, name with folder', resolve('a.log'), withTail({}))
  await run('tail, name without', 'b.log', withTail({}))
  await run('tail, useWatchFile', resolve('c.log'), withTail({ useWatchFile: true, fsWatchOptions: { interval: 100 } }))
  await run('@logdna/tail-file', resolve('d.log'), withTailFile)
}
main()
JS

cat > expected <<'TEXT'
tail, name with folder:
  the old one | the old one | the old one | third | fourth
tail, name without:
  the old one | the old one | the old one
tail, useWatchFile:
  the old one | the old one | the old one | second | third | fourth
@logdna/tail-file:
  the old one | the old one | the old one | first of the new one | second | third | fourth
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
