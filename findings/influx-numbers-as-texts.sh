#!/usr/bin/env bash
# The same number, given to an InfluxDB field as a number and as a text
#
# Guess: intField and floatField read texts like numbers, as their types allow, or refuse them.
# Seen:  @influxdata/influxdb-client 1.35.0; Node 20 and 24.
#   intField(-3.7) is -4, intField('-3.7') is -3. intField('1e3') is 1, floatField('1e3') is 1000; '0x10' is 16 as an integer and
#   0 as a float; '12 errors' is 12 as either. An integer above 2^53 as a text, the one way to send it exactly, is rounded
#   by intField and kept by uintField.
# Why:   numbers come out of logs as texts. A field that is a thousand times too small, or an id that is another's, is stored
#   without a word.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @influxdata/influxdb-client@1.35.0

cat > run.cjs <<'JS'
const { Point } = require('@influxdata/influxdb-client')

const settings = { convertTime: () => 0 }
for (const value of [-3.7, '-3.7', '1e3', '0x10', '12 errors', '9007199254740993']) {
  const fields = ['intField', 'floatField', 'uintField'].map((method) => {
    try {
      return new Point('m')[method]('f', value).toLineProtocol(settings).replace(/^m f=| 0$/g, '')
    } catch {
      return 'refused'
    }
  })
  console.log(`${JSON.stringify(value)}: ${fields.join(' ')}`)
}
JS

cat > expected <<'TEXT'
-3.7: -4i -3.7 refused
"-3.7": -3i -3.7 refused
"1e3": 1i 1000 refused
"0x10": 16i 0 refused
"12 errors": 12i 12 refused
"9007199254740993": 9007199254740992i 9007199254740992 9007199254740993u
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
