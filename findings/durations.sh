#!/usr/bin/env bash
# How long is "-1h30m"?
#
# Guess: libraries that read "1h30m" as 90 minutes read "-1h30m" as 90 minutes back or refuse it; none of them takes "1h30" or
#   "1,5h" for something else.
# Seen:  parse-duration 2.1.9, timestring 7.0.0, duration-js 4.0.0, @icholy/duration 5.1.0, @sapphire/duration 1.2.0; Node 20
#   and 24.
#   "-1h30m" is 90 minutes back, 90 minutes ahead, or 30 minutes back: for the last one the sign belongs to the hour alone.
#   "1h30" is 90 minutes or 60, "1,5h" is 15 hours or 5, and "1M" is a minute or refused, not a month.
# Why:   these are texts of retention times, silences and time ranges, typed by people. None of the wrong answers is an error,
#   so a range that should go back goes ahead and finds nothing.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  parse-duration@2.1.9 timestring@7.0.0 duration-js@4.0.0 @icholy/duration@5.1.0 @sapphire/duration@1.2.0

cat > run.mjs <<'JS'
import { Duration } from '@icholy/duration'
import { Duration as SapphireDuration } from '@sapphire/duration'
import DurationJs from 'duration-js'
import parseDuration from 'parse-duration'
import timestring from 'timestring'

const libraries = {
  'parse-duration': parseDuration,
  timestring: (text) => timestring(text, 'ms'),
  'duration-js': (text) => DurationJs.parse(text).milliseconds(),
  '@icholy/duration': (text) => new Duration(text).milliseconds(),
  '@sapphire/duration': (text) => new SapphireDuration(text).offset
}
for (const text of ['1h30m', '-1h30m', '1h30', '1,5h', '1M']) {
  console.log(text)
  for (const [name, read] of Object.entries(libraries)) {
    let answer
    try {
      answer = `${read(text) / 60_000} minutes`
    } catch {
      answer = 'refused'
    }
    console.log(`  ${name}: ${answer}`)
  }
}
JS

cat > expected <<'TEXT'
1h30m
  parse-duration: 90 minutes
  timestring: 90 minutes
  duration-js: 90 minutes
  @icholy/duration: 90 minutes
  @sapphire/duration: 90 minutes
-1h30m
  parse-duration: -90 minutes
  timestring: 90 minutes
  duration-js: -90 minutes
  @icholy/duration: -90 minutes
  @sapphire/duration: -30 minutes
1h30
  parse-duration: 90 minutes
  timestring: 60 minutes
  duration-js: 60 minutes
  @icholy/duration: 60 minutes
  @sapphire/duration: 60 minutes
1,5h
  parse-duration: 900 minutes
  timestring: 900 minutes
  duration-js: 300 minutes
  @icholy/duration: 300 minutes
  @sapphire/duration: 900 minutes
1M
  parse-duration: 1 minutes
  timestring: 1 minutes
  duration-js: refused
  @icholy/duration: refused
  @sapphire/duration: 1 minutes
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
