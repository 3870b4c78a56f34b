#!/usr/bin/env bash
# A line by pino with the level in it twice, by several readers
#
# Guess: a field that is called like one of the logger's own (level, msg), or like one of a child logger, replaces it or is
#   renamed; and whoever reads JSON with a name twice takes the last.
# Seen:  pino 10.4.0, sql.js 1.17.0 (SQLite compiled to WebAssembly), lossless-json 4.3.3; Node 20 and 24.
#   pino writes both. JSON.parse takes the last; json_extract and ->> of SQLite take the first, its json_patch the last;
#   lossless-json refuses the line.
# Why:   one line is at INFO where it is counted and fatal where it is shown. A store that keeps the text and filters with
#   json_extract finds other lines than a program that parses the same rows.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.4.0 sql.js@1.17.0 lossless-json@4.3.3

cat > run.mjs <<'JS'
import pino from 'pino'
import initSqlJs from 'sql.js'
import { parse } from 'lossless-json'

const lines = []
const logger = pino({ base: null, timestamp: false }, { write: (line) => { lines.push(line.trim()) } })
logger.info({ level: 'fatal', msg: 'of the field' }, 'of the call')
logger.child({ user: 'u1' }).info({ user: 'u2' }, 'paid')

const SQL = await initSqlJs()
const database = new SQL.Database()
function ask (expression, line) {
  return database.exec(`SELECT ${expression} FROM (SELECT ? AS line)`, [line])[0].values[0].join(' | ')
}
for (const line of lines) {
  console.log(line)
  console.log('  JSON.parse:   ', JSON.stringify(JSON.parse(line)))
  console.log('  json_extract: ', ask("json_extract(line, '$.level', '$.msg', '$.user')", line))
  console.log('  ->>:          ', ask("line ->> 'level', line ->> 'msg', line ->> 'user'", line))
  console.log('  json_patch:   ', ask("json_patch('{}', line)", line))
  try {
    console.log('  lossless-json:', JSON.stringify(parse(line)))
  } catch (error) {
    console.log('  lossless-json:', error.message)
  }
}
JS

cat > expected <<'TEXT'
{"level":30,"level":"fatal","msg":"of the field","msg":"of the call"}
  JSON.parse:    {"level":"fatal","msg":"of the call"}
  json_extract:  [30,"of the field",null]
  ->>:           30 | of the field | 
  json_patch:    {"level":"fatal","msg":"of the call"}
  lossless-json: Duplicate key 'level' encountered at position 13
{"level":30,"user":"u1","user":"u2","msg":"paid"}
  JSON.parse:    {"level":30,"user":"u2","msg":"paid"}
  json_extract:  [30,"paid","u1"]
  ->>:           30 | paid | u1
  json_patch:    {"level":30,"user":"u2","msg":"paid"}
  lossless-json: Duplicate key 'user' encountered at position 25
TEXT
node run.mjs > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
