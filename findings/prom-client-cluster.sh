#!/usr/bin/env bash
# The p50 of two workers, one at 1 second and one at 5
#
# Guess: AggregatorRegistry, which makes one scrape of a cluster, gives for a summary a p50 between 1 and 5, or none. And a
#   summary whose window holds nothing says NaN or leaves the line out, as the clients for other languages do.
# Seen:  prom-client 15.1.3; Node 20 and 24.
#   The quantiles are added up: p50 is 6, and that of four equal workers four times the true one. Without a value in the
#   window each quantile is 0, beside a count that is not.
# Why:   a limit on a latency fires when workers are added, with no request any slower; and a service that nobody calls
#   looks like the fastest of all. Histograms add up rightly.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3

cat > run.cjs <<'JS'
const { AggregatorRegistry, Histogram, Registry, Summary } = require('prom-client')

async function worker (...seconds) {
  const registers = [new Registry()]
  const summary = new Summary({ name: 'took', help: 'h', percentiles: [0.5, 0.99], registers })
  const histogram = new Histogram({ name: 'spread', help: 'h', buckets: [2, 10], registers })
  for (const value of seconds) {
    summary.observe(value)
    histogram.observe(value)
  }
  return await registers[0].getMetricsAsJSON()
}

async function show (title, workers) {
  const text = await AggregatorRegistry.aggregate(await Promise.all(workers)).metrics()
  console.log(title)
  for (const line of text.split('\n')) if (/^\w/.test(line)) console.log(`  ${line}`)
}

async function main () {
  await show('one worker at 1, one at 5', [worker(1, 1, 1), worker(5, 5, 5)])
  await show('four workers at 1', [worker(1), worker(1), worker(1), worker(1)])

  const registry = new Registry()
  const windowed = new Summary({
    name: 'took', help: 'h', percentiles: [0.99], maxAgeSeconds: 1, ageBuckets: 2, registers: [registry]
  })
  windowed.observe(5)
  await new Promise((resolve) => setTimeout(resolve, 2500))
  console.log('two windows later')
  for (const line of (await registry.metrics()).split('\n')) if (/^\w/.test(line)) console.log(`  ${line}`)
}
main()
JS

cat > expected <<'TEXT'
one worker at 1, one at 5
  took{quantile="0.5"} 6
  took{quantile="0.99"} 6
  took_sum 18
  took_count 6
  spread_bucket{le="2"} 3
  spread_bucket{le="10"} 6
  spread_bucket{le="+Inf"} 6
  spread_sum 18
  spread_count 6
four workers at 1
  took{quantile="0.5"} 4
  took{quantile="0.99"} 4
  took_sum 4
  took_count 4
  spread_bucket{le="2"} 4
  spread_bucket{le="10"} 4
  spread_bucket{le="+Inf"} 4
  spread_sum 4
  spread_count 4
two windows later
  took{quantile="0.99"} 0
  took_sum 5
  took_count 1
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
