#!/usr/bin/env bash
# A gauge that is not a number, sent by OpenTelemetry in three ways
#
# Guess: NaN and the infinities arrive whichever way they are sent: OTLP over JSON follows the JSON mapping of Protocol Buffers,
#   which has them as the strings "NaN", "Infinity" and "-Infinity".
# Seen:  @opentelemetry/otlp-transformer 0.223.1, @opentelemetry/exporter-prometheus 0.223.0, @opentelemetry/sdk-metrics 2.12.1;
#   Node 20 and 24.
#   The protobuf body holds the double, the Prometheus text says NaN and +Inf, the JSON says "asDouble":null for both, and
#   {"doubleValue":null} for an attribute. To a reader of the mapping null is a field that was left out, so a point without
#   a value.
# Why:   a ratio of nothing by nothing is NaN in many services. Switching an exporter from proto to JSON, which is meant to
#   change the wire alone, makes such points invalid or turns them to zero, by the reader.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @opentelemetry/otlp-transformer@0.223.1 @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1

cat > run.mjs <<'JS'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { MeterProvider } from '@opentelemetry/sdk-metrics'

const exporter = new PrometheusExporter({ preventServerStart: true })
const meter = new MeterProvider({ readers: [exporter] }).getMeter('shop')
const gauge = meter.createGauge('ratio')
gauge.record(0 / 0, { of: 'errors' })
gauge.record(1 / 0, { of: 'retries', limit: NaN })
const { resourceMetrics } = await exporter.collect()

const text = new PrometheusSerializer().serialize(resourceMetrics)
for (const line of text.split('\n')) if (line.startsWith('ratio')) console.log('text ', line)

const { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints } }] }] }] } =
  JSON.parse(new TextDecoder().decode(JsonMetricsSerializer.serializeRequest(resourceMetrics)))
for (const { attributes, asDouble } of dataPoints) console.log('json ', JSON.stringify({ attributes, asDouble }))

const bytes = Buffer.from(ProtobufMetricsSerializer.serializeRequest(resourceMetrics))
for (const [name, hex] of [['NaN', '000000000000f87f'], ['Infinity', '000000000000f07f']]) {
  console.log('proto', name, bytes.includes(Buffer.from(hex, 'hex')))
}
JS

cat > expected <<'TEXT'
text  ratio{of="errors",otel_scope_name="shop"} NaN
text  ratio{of="retries",limit="null",otel_scope_name="shop"} +Inf
json  {"attributes":[{"key":"of","value":{"stringValue":"errors"}}],"asDouble":null}
json  {"attributes":[{"key":"of","value":{"stringValue":"retries"}},{"key":"limit","value":{"doubleValue":null}}],"asDouble":null}
proto NaN true
proto Infinity true
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
