#!/usr/bin/env bash
# A gauge set to five below zero, by three StatsD clients
#
# Guess: set to -5, it stands at -5, whatever it was before. The protocol reads g:-5|g as "five less", so a client sends a zero
#   first, as the protocol's own page advises.
# Seen:  hot-shots 17.1.1, lynx 0.2.0, node-statsd 0.1.1; Node 20 and 24.
#   All three send g:-5|g alone. In hot-shots gauge(-5) and gaugeDelta(-5) are the same bytes. In lynx increment('c', 2) counts
#   one: its second argument is the rate of sampling. node-statsd counts increment('c', 0) as one.
# Why:   temperatures, balances and clock offsets drift away by each report below zero, and are right again with the next above.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hot-shots@17.1.1 lynx@0.2.0 node-statsd@0.1.1

cat > run.cjs <<'JS'
const dgram = require('node:dgram')
const { setTimeout: sleep } = require('node:timers/promises')
const HotShots = require('hot-shots')
const Lynx = require('lynx')
const NodeStatsd = require('node-statsd')

const calls = {
  'gauge 5': (client) => client.gauge('g', 5),
  'gauge -5': (client) => client.gauge('g', -5),
  'increment 2': (client) => client.increment('c', 2),
  'increment 0': (client) => client.increment('c', 0)
}

async function main () {
  const socket = dgram.createSocket('udp4')
  let packets = []
  socket.on('message', (message) => packets.push(String(message)))
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  const hotShots = new HotShots({ host: '127.0.0.1', port })
  const clients = {
    'hot-shots': hotShots,
    lynx: new Lynx('127.0.0.1', port, { on_error: () => {} }),
    'node-statsd': new NodeStatsd({ host: '127.0.0.1', port })
  }
  async function show (title, call) {
    packets = []
    call()
    await sleep(300)
    console.log(title, packets.join(' ') || '-')
  }
  for (const [name, client] of Object.entries(clients)) {
    for (const [title, call] of Object.entries(calls)) await show(`${name}: ${title}:`, () => call(client))
  }
  await show('hot-shots: gaugeDelta -5:', () => hotShots.gaugeDelta('g', -5))
  process.exit()
}
main()
JS

cat > expected <<'TEXT'
hot-shots: gauge 5: g:5|g
hot-shots: gauge -5: g:-5|g
hot-shots: increment 2: c:2|c
hot-shots: increment 0: c:0|c
lynx: gauge 5: g:5|g
lynx: gauge -5: g:-5|g
lynx: increment 2: c:1|c
lynx: increment 0: -
node-statsd: gauge 5: g:5|g
node-statsd: gauge -5: g:-5|g
node-statsd: increment 2: c:2|c
node-statsd: increment 0: c:1|c
hot-shots: gaugeDelta -5: g:-5|g
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
