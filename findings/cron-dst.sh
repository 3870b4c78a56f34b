#!/usr/bin/env bash
# "Every 20 minutes from two to three", on the two days when the clocks change
#
# Guess: four libraries that take the same expression and the same time zone run it equally often. When the hour from two
#   to three falls out, either it does not run or it runs once the hour later; when that hour comes twice, it runs three
#   times, or six.
# Seen:  croner 11.0.1, cron-parser 5.10.6, cron 4.4.0, @datasert/cronjs-matcher 1.4.0; Node 20 and 24.
#   Spring: none, three (from three to four), one (at three sharp), none. Autumn: six, three, three, three;
#   and which three @datasert/cronjs-matcher names depends on when it is asked: at noon of the day before it names the second
#   of the two hours, in the same night the first. croner does not treat all expressions alike: it moves a single time
#   (30 2) that falls out to three sharp, but drops a list of times.
# Why:   jobs that sum up logs, check for missing heartbeats or open a maintenance window run too often or not at all, and
#   two services with the same crontab line disagree on it twice a year.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  croner@11.0.1 cron-parser@5.10.6 cron@4.4.0 @datasert/cronjs-matcher@1.4.0

cat > run.mjs <<'JS'
import { Cron } from 'croner'
import { CronExpressionParser } from 'cron-parser'
import { CronTime } from 'cron'
import { getFutureMatches } from '@datasert/cronjs-matcher'

const timezone = 'Europe/Berlin'
const libraries = {
  croner: (line, from, count) => new Cron(line, { timezone }).nextRuns(count, from),
  'cron-parser': (line, from, count) => {
    const runs = CronExpressionParser.parse(line, { tz: timezone, currentDate: from })
    return Array.from({ length: count }, () => runs.next().toDate())
  },
  cron: (line, from, count) => {
    const time = new CronTime(line, timezone)
    const runs = [from]
    while (runs.length <= count) runs.push(time.getNextDateFrom(runs.at(-1), timezone).toJSDate())
    return runs.slice(1)
  },
  'cronjs-matcher': (line, from, count) => getFutureMatches(line, {
    timezone, startAt: from.toISOString(), matchCount: count, hasSeconds: false
  }).map((text) => new Date(text))
}

function ofDay (day, line, asked = new Date(`${day}T00:00:00+01:00`)) {
  console.log(`${day} ${line}, asked ${asked.toISOString().slice(0, 16)}`)
  for (const [name, next] of Object.entries(libraries)) {
    const runs = next(line, asked, 7).map((run) => run.toISOString())
    const times = runs.filter((run) => run.startsWith(day)).map((run) => run.slice(11, 16))
    console.log(`  ${name}: ${times.join(' ') || '-'}`)
  }
}
ofDay('2026-03-29', '*/20 2 * * *')
ofDay('2026-03-29', '30 2 * * *')
ofDay('2026-10-25', '*/20 2 * * *')
ofDay('2026-10-25', '*/20 2 * * *', new Date('2026-10-24T10:00:00Z'))
JS

cat > expected <<'TEXT'
2026-03-29 */20 2 * * *, asked 2026-03-28T23:00
  croner: -
  cron-parser: 01:00 01:20 01:40
  cron: 01:00
  cronjs-matcher: -
2026-03-29 30 2 * * *, asked 2026-03-28T23:00
  croner: 01:00
  cron-parser: 01:30
  cron: 01:00
  cronjs-matcher: -
2026-10-25 */20 2 * * *, asked 2026-10-24T23:00
  croner: 00:00 00:20 00:40 01:00 01:20 01:40
  cron-parser: 00:00 00:20 00:40
  cron: 00:00 00:20 00:40
  cronjs-matcher: 00:00 00:20 00:40
2026-10-25 */20 2 * * *, asked 2026-10-24T10:00
  croner: 00:00 00:20 00:40 01:00 01:20 01:40
  cron-parser: 00:00 00:20 00:40
  cron: 00:00 00:20 00:40
  cronjs-matcher: 01:00 01:20 01:40
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
