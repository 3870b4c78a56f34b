#!/usr/bin/env bash
# What two syslog parsers lose of well-formed RFC 5424 lines
#
# Guess: both give back every element of the structured data and the whole text, and a priority of 0 as kern.emerg.
# Seen:  glossy 0.1.7, nsyslog-parser 0.10.1; Node 20 and 24.
#   nsyslog-parser undoes no escape, and drops each element with an escaped quote in one of its values; when no element is
#   left, the raw structured data becomes part of the text. glossy has neither facility nor severity for <0>, the most
#   urgent priority there is; and where a line has structured data, a word in brackets in the text vanishes, with all of the
#   text that stands before it.
# Why:   nothing is raised, so nobody notices: a filter on severity passes over kernel emergencies, and words vanish from
#   the middle of lines whose programs write [tags] in their text.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts glossy@0.1.7 nsyslog-parser@0.10.1

cat > run.cjs <<'JS'
const glossy = require('glossy').Parse
const nsyslog = require('nsyslog-parser')

const head = '1 2026-01-01T00:00:00Z web shop 42 ID1'
const lines = [
  `<14>${head} [query@32473 q="say \\"hi\\""][trace@32473 id="7f"] found`,
  `<14>${head} [query@32473 q="a\\]b"] found`,
  `<0>${head} - disk gone`,
  `<14>${head} [trace@32473 id="7f"] order 7 [card] paid`
]
for (const line of lines) {
  console.log(line)
  const first = glossy.parse(line)
  console.log('  glossy:', JSON.stringify([first.facility, first.severity, first.structuredData, first.message]))
  const second = nsyslog(line)
  console.log('  nsyslog-parser:', JSON.stringify([second.facility, second.level, second.structuredData, second.message]))
}
JS

cat > expected <<'TEXT'
<14>1 2026-01-01T00:00:00Z web shop 42 ID1 [query@32473 q="say \"hi\""][trace@32473 id="7f"] found
  glossy: ["user","info",{"query@32473":{"q":"say \"hi\""},"trace@32473":{"id":"7f"}},"found"]
  nsyslog-parser: ["user","info",[{"$id":"trace@32473","id":"7f"}],"found"]
<14>1 2026-01-01T00:00:00Z web shop 42 ID1 [query@32473 q="a\]b"] found
  glossy: ["user","info",{"query@32473":{"q":"a]b"}},"found"]
  nsyslog-parser: ["user","info",[{"$id":"query@32473","q":"a\\]b"}],"found"]
<0>1 2026-01-01T00:00:00Z web shop 42 ID1 - disk gone
  glossy: [null,null,null,"disk gone"]
  nsyslog-parser: ["kern","emerg",[],"disk gone"]
<14>1 2026-01-01T00:00:00Z web shop 42 ID1 [trace@32473 id="7f"] order 7 [card] paid
  glossy: ["user","info",{"trace@32473":{"id":"7f"}},"paid"]
  nsyslog-parser: ["user","info",[{"$id":"trace@32473","id":"7f"}],"order 7 [card] paid"]
TEXT
node run.cjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
