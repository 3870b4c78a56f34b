#!/usr/bin/env bash
# A histogram with a label, and an OpenMetrics exemplar, read by parse-prometheus-text-format
#
# Guess: each series of a labelled histogram comes back with its labels; an exemplar is given as one or left out.
# Seen:  parse-prometheus-text-format 1.1.1; Node 20 and 24.
#   All series of a histogram or summary with labels become one: no labels, the buckets of the last, neither count nor sum.
#   Of the quantiles of a summary by route, those of the last route stay. An exemplar is given as the time of the sample.
# Why:   it is what one finds first on npm for reading a scrape in JavaScript. A gateway, a test or a board built on it shows
#   the numbers of the last route as those of the whole service, and nothing is raised.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts parse-prometheus-text-format@1.1.1 prom-client@15.1.3

cat > run.cjs <<'JS'
const parse = require('parse-prometheus-text-format')
const { Counter, Histogram, Registry, Summary } = require('prom-client')

async function main () {
  const registry = new Registry()
  const histogram = new Histogram({ name: 'took', help: 'h', labelNames: ['route'], buckets: [1], registers: [registry] })
  const summary = new Summary({ name: 'size', help: 'h', labelNames: ['route'], percentiles: [0.5], registers: [registry] })
  for (const [route, value] of [['/a', 0.5], ['/a', 7], ['/b', 3]]) {
    histogram.observe({ route }, value)
    summary.observe({ route }, value)
  }
  const text = await registry.metrics()
  console.log(text)
  for (const family of parse(text)) console.log(JSON.stringify(family))

  const open = new Registry()
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const counter = new Counter({ name: 'calls', help: 'h', enableExemplars: true, registers: [open] })
  counter.inc({ value: 1, exemplarLabels: { trace: '7f' } })
  const scrape = (await open.metrics()).replace(/[\d.]{12,}/, '1700000000')
  console.log(scrape)
  for (const family of parse(`${scrape}\n`)) console.log(JSON.stringify(family))
}
main()
JS

cat > expected <<'TEXT'
# HELP took h
# TYPE took histogram
took_bucket{le="1",route="/a"} 1
took_bucket{le="+Inf",route="/a"} 2
took_sum{route="/a"} 7.5
took_count{route="/a"} 2
took_bucket{le="1",route="/b"} 0
took_bucket{le="+Inf",route="/b"} 1
took_sum{route="/b"} 3
took_count{route="/b"} 1

# HELP size h
# TYPE size summary
size{quantile="0.5",route="/a"} 3.75
size_sum{route="/a"} 7.5
size_count{route="/a"} 2
size{quantile="0.5",route="/b"} 3
size_sum{route="/b"} 3
size_count{route="/b"} 1

{"name":"took","help":"h","type":"HISTOGRAM","metrics":[{"buckets":{"1":"0","+Inf":"1"}}]}
{"name":"size","help":"h","type":"SUMMARY","metrics":[{"quantiles":{"0.5":"3"}}]}
# HELP calls h
# TYPE calls counter
calls_total 1 # {trace="7f"} 1 1700000000
# EOF

{"name":"calls","help":"h","type":"COUNTER","metrics":[]}
{"name":"calls_total","help":"","type":"UNTYPED","metrics":[{"value":"1","timestamp_ms":"#{trace=\"7f\"}11700000000"}]}
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
