#!/usr/bin/env bash
# Friday to Sunday, and each day of the month
#
# Guess: four libraries take 5-7 as Friday to Sunday, and 1-31 for the day of the month as *, or else all four as a set.
# Seen:  croner 11.0.1, cron-parser 5.10.6, cron 4.4.0, @datasert/cronjs-matcher 1.4.0; Node 20 and 24.
#   @datasert/cronjs-matcher passes over the Sunday of 5-7, though it takes 7 alone as Sunday. With a weekday beside it, 1-31 is
#   * in cron, which then runs on Mondays only; in the others it is a set, and the job runs each day.
# Why:   a weekend window that ends on Saturday wakes people on Sunday; a report of Mondays comes seven times a week.
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

// A Thursday.
const from = new Date('2026-01-01T12:00:00Z')
const timezone = 'Etc/UTC'
const libraries = {
  croner: (line) => new Cron(line, { timezone }).nextRuns(4, from),
  'cron-parser': (line) => {
    const runs = CronExpressionParser.parse(line, { tz: timezone, currentDate: from })
    return Array.from({ length: 4 }, () => runs.next().toDate())
  },
  cron: (line) => {
    const time = new CronTime(line, timezone)
    const runs = [from]
    while (runs.length <= 4) runs.push(time.getNextDateFrom(runs.at(-1), timezone).toJSDate())
    return runs.slice(1)
  },
  'cronjs-matcher': (line) => getFutureMatches(line, {
    timezone, startAt: from.toISOString(), matchCount: 4, hasSeconds: false
  }).map((text) => new Date(text))
}
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: '2-digit', timeZone: 'UTC' })
for (const line of ['0 0 * * 7', '0 0 * * 5-7', '0 0 1-31 * 1']) {
  console.log(line)
  for (const [name, next] of Object.entries(libraries)) {
    console.log(`  ${name}: ${next(line).map((run) => day.format(run)).join(', ')}`)
  }
}
JS

cat > expected <<'TEXT'
0 0 * * 7
  croner: Sun 04, Sun 11, Sun 18, Sun 25
  cron-parser: Sun 04, Sun 11, Sun 18, Sun 25
  cron: Sun 04, Sun 11, Sun 18, Sun 25
  cronjs-matcher: Sun 04, Sun 11, Sun 18, Sun 25
0 0 * * 5-7
  croner: Fri 02, Sat 03, Sun 04, Fri 09
  cron-parser: Fri 02, Sat 03, Sun 04, Fri 09
  cron: Fri 02, Sat 03, Sun 04, Fri 09
  cronjs-matcher: Fri 02, Sat 03, Fri 09, Sat 10
0 0 1-31 * 1
  croner: Fri 02, Sat 03, Sun 04, Mon 05
  cron-parser: Fri 02, Sat 03, Sun 04, Mon 05
  cron: Mon 05, Mon 12, Mon 19, Mon 26
  cronjs-matcher: Fri 02, Sat 03, Sun 04, Mon 05
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
