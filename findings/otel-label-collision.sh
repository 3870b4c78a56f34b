#!/usr/bin/env bash
# Two attributes, or two metrics, whose names differ in a dot
#
# Guess: the Prometheus exporter of OpenTelemetry, which writes dots as underscores, keeps apart or joins what has one name then:
#   the specification has the values of such attributes joined by a semicolon.
# Seen:  @opentelemetry/exporter-prometheus 0.223.0, @opentelemetry/sdk-metrics 2.12.1; Node 20 and 24.
#   The label stands twice in the series, with both values; the family stands twice in the text, with HELP and TYPE of its own.
# Why:   the text format allows neither, so a scraper may refuse the whole scrape (promtool 2.42 does): one attribute added
#   somewhere in the code takes every metric of the process away, those that alerts look at too.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1

cat > run.mjs <<'JS'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

const exporter = new PrometheusExporter({ preventServerStart: true })
const meter = new MeterProvider({ readers: [exporter] }).getMeter('shop')
meter.createCounter('orders').add(1, { 'user.id': 'a', user_id: 'b' })
meter.createGauge('queue.size', { description: 'of mails' }).record(3)
meter.createGauge('queue_size', { description: 'of orders' }).record(4)
const { resourceMetrics } = await exporter.collect()
for (const line of new PrometheusSerializer().serialize(resourceMetrics).split('\n')) {
  if (!line.includes('target_info') && line !== '') console.log(line)
}
JS

cat > expected <<'TEXT'
# HELP orders_total description missing
# TYPE orders_total counter
orders_total{user_id="a",user_id="b",otel_scope_name="shop"} 1
# HELP queue_size of mails
# TYPE queue_size gauge
queue_size{otel_scope_name="shop"} 3
# HELP queue_size of orders
# TYPE queue_size gauge
queue_size{otel_scope_name="shop"} 4
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
