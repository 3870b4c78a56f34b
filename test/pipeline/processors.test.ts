import { test } from 'tap'
import { AppError } from '../../src/core/errors.ts'
import { compileGraph } from '../../src/pipeline/graph.ts'
import { outOf, pipelineOf } from '../support/pipeline.ts'

interface Use {
  config: Record<string, unknown>
  lines: readonly string[]
  out: readonly string[]
  counts?: Record<string, unknown>
}

const LOG = ['error one', 'warn two', 'ERROR three', 'info four']

const USES: Record<string, Use> = {
  'filter by text': { config: { type: 'filter', pattern: 'error' }, lines: LOG, out: ['error one'], counts: { dropped: 3 } },
  'filter takes a text as it is': { config: { type: 'filter', pattern: 'a.c' }, lines: ['abc', 'a.c'], out: ['a.c'] },
  'filter without case': { config: { type: 'filter', pattern: 'eRRor', ignore_case: true }, lines: LOG, out: ['error one', 'ERROR three'] },
  'filter without case, beyond ASCII': { config: { type: 'filter', pattern: 'größe', ignore_case: true }, lines: ['GRÖSSE', 'GRÖßE'], out: ['GRÖßE'] },
  'filter by expression': { config: { type: 'filter', pattern: '^(error|info) ', regex: true }, lines: LOG, out: ['error one', 'info four'] },
  'filter by expression without case': { config: { type: 'filter', pattern: '^[d-f]rror\\b', regex: true, ignore_case: true }, lines: LOG, out: ['error one', 'ERROR three'] },
  'filter by query': { config: { type: 'filter', query: 'level:error OR two' }, lines: LOG, out: ['warn two', 'ERROR three'] },
  'filter leaves out': { config: { type: 'filter', pattern: 'error', mode: 'exclude' }, lines: LOG, out: LOG.slice(1), counts: { dropped: 1 } },
  uppercase: { config: { type: 'uppercase' }, lines: ['a ß ö 1', ''], out: ['A SS Ö 1', ''] },
  lowercase: { config: { type: 'lowercase' }, lines: ['A Ö 1'], out: ['a ö 1'] },
  line_counter: { config: { type: 'line_counter' }, lines: ['a', 'b'], out: ['[1] a', '[2] b'] },
  'line_counter with a format and a start': { config: { type: 'line_counter', format: '{line} ({count}) {line}', start: 0 }, lines: ['a'], out: ['a (0) a'] },
  'line_counter across thousands': { config: { type: 'line_counter', format: '{count}', start: 998 }, lines: ['a', 'b', 'c'], out: ['998', '999', '1000'] },
  'line_counter across a million': { config: { type: 'line_counter', format: '{count}', start: 999_999 }, lines: ['a', 'b', 'c'], out: ['999999', '1000000', '1000001'] },
  'line_counter without names': { config: { type: 'line_counter', format: 'same { }' }, lines: ['a'], out: ['same { }'] },
  'line_counter with braces in a line': { config: { type: 'line_counter', format: '{count} {line}' }, lines: ['{count} $& {line}'], out: ['1 {count} $& {line}'] },
  'tagger gives a line its text': { config: { type: 'tagger', tags: [{ tag: 'E', pattern: 'error', ignore_case: true }, { tag: 'W', pattern: 'w' }], format: '{tag}: {line}' }, lines: LOG, out: ['E: error one', 'W: warn two', 'E: ERROR three', 'info four'], counts: { details: { E: 2, W: 1 } } },
  'tagger with a default, in a field alone': { config: { type: 'tagger', tags: [{ tag: 'E', query: 'level:error' }], default: 'rest' }, lines: LOG, out: LOG, counts: { details: { E: 1, rest: 3 } } },
  splitter: { config: { type: 'splitter' }, lines: ['a, b,,c ', ' , '], out: ['a', 'b', 'c'], counts: { added: 2, dropped: 1 } },
  'splitter keeps blanks and empty parts': { config: { type: 'line_splitter', delimiter: '||', trim: false, keep_empty: true }, lines: ['a || b||', ''], out: ['a ', ' b', '', ''], counts: { added: 2, dropped: 0 } },
  'splitter of many parts': { config: { type: 'splitter', delimiter: ' ' }, lines: ['x '.repeat(200_000)], out: Array.from({ length: 200_000 }, () => 'x'), counts: { added: 199_999 } },
  'joiner of two': { config: { type: 'joiner' }, lines: ['a', 'b', 'c'], out: ['a | b', 'c'], counts: { joined: 1, held: 0 } },
  'joiner of three': { config: { type: 'line_joiner', count: 3, delimiter: '' }, lines: ['a', 'b', 'c', 'd', 'e'], out: ['abc', 'de'], counts: { joined: 3 } },
  'joiner by what goes on': { config: { type: 'joiner', continuation: '^\\s' }, lines: ['a', ' b', ' c', 'd', ' e'], out: ['a\n b\n c', 'd\n e'] },
  'joiner by what begins': { config: { type: 'joiner', start: '^\\d', delimiter: '~' }, lines: ['x', '1', 'y', '2'], out: ['x', '1~y', '2'] },
  'joiner by quotes': { config: { type: 'joiner', quotes: true }, lines: ['a "b', 'c"', 'd', '"', 'e'], out: ['a "b\nc"', 'd', '"\ne'] },
  'joiner gives no more lines than allowed': { config: { type: 'joiner', start: '^x', max_lines: 2 }, lines: ['a', 'b', 'c', 'd', 'e'], out: ['a\nb', 'c\nd', 'e'] },
  'joiner gives no longer text than allowed': { config: { type: 'joiner', start: '^x', delimiter: '' }, lines: ['a'.repeat(1_000_001), 'b'], out: ['a'.repeat(1_000_001), 'b'] },
  'trim at both ends': { config: { type: 'trim' }, lines: [' \t a b \u00a0', ' '], out: ['a b', ''] },
  'trim at one end': { config: { type: 'trim', side: 'start' }, lines: [' a '], out: ['a '] },
  'trim at the other': { config: { type: 'trim', side: 'end' }, lines: [' a '], out: [' a'] },
  'trim drops what is empty': { config: { type: 'trim', drop_empty: true }, lines: [' ', 'a', ''], out: ['a'], counts: { dropped: 2 } },
  'replace a text': { config: { type: 'replace', pattern: 'a.', with: '$&$1' }, lines: ['a.a.b', 'ab'], out: ['$&$1$&$1b', 'ab'] },
  'replace a text without case': { config: { type: 'replace', pattern: 'A.(', with: '$&', ignore_case: true }, lines: ['a.(A.(b'], out: ['$&$&b'] },
  'replace by expression': { config: { type: 'replace', pattern: '(?<n>\\d+)-(\\w)', regex: true, with: '$2:$<n>$$' }, lines: ['12-a 3-b'], out: ['a:12$ b:3$'] },
  'replace by nothing': { config: { type: 'replace', pattern: 'x*', regex: true, with: '' }, lines: ['axxb'], out: ['ab'] },
  'parse JSON': { config: { type: 'parse', format: 'json', output: '{a}|{b}|{c}|{none}' }, lines: ['{"a":1,"b":{"c":[2]},"c":null}'], out: ['1|{"c":[2]}||'] },
  'parse JSON that is no object': { config: { type: 'parse', format: 'json' }, lines: ['[1]', 'x', '1', '', 'null'], out: [], counts: { errors: 5 } },
  'parse and keep': { config: { type: 'parse', format: 'json', output: 'json', on_error: 'keep' }, lines: ['x', ' {"a" : 1}'], out: ['x', '{"a":1}'], counts: { errors: 0 } },
  'parse logfmt': { config: { type: 'parse', format: 'logfmt', output: 'json' }, lines: ['level=warn msg="disk \\"a\\" full" n= at.x=1'], out: ['{"level":"warn","msg":"disk \\"a\\" full","n":"","at.x":"1"}'] },
  'parse logfmt that is none': { config: { type: 'parse', format: 'logfmt' }, lines: ['a=1 b', 'a', ''], out: [], counts: { errors: 3 } },
  'parse syslog of RFC 5424': { config: { type: 'parse', format: 'syslog', output: 'json' }, lines: ['<34>1 2026-01-01T12:00:00Z web su - ID47 [x y="z]"] \uFEFFfailed'], out: ['{"facility":4,"level":"FATAL","time":"2026-01-01T12:00:00Z","host":"web","service":"su","msg_id":"ID47","data":"[x y=\\"z]\\"]","message":"failed"}'] },
  'parse syslog of RFC 3164': { config: { type: 'parse', format: 'syslog', output: '{level} {host} {service} {pid} {message}' }, lines: ['<13>Jan  1 12:00:00 web sshd[42]: open: yes', 'Jan  1 12:00:00 web cron: x'], out: ['INFO web sshd 42 open: yes', ' web cron  x'] },
  'parse syslog that is none': { config: { type: 'parse', format: 'syslog' }, lines: ['<192>1 - - - - - -', 'x'], out: [], counts: { errors: 2 } },
  'parse CSV': { config: { type: 'parse', format: 'csv', columns: ['a', 'b'], output: '{b}/{a}' }, lines: ['1,"x ""y"", z"', '1', '1,2,3', '"a"b,c', '"open'], out: ['x "y", z/1', '/1'], counts: { errors: 3 } },
  'parse CSV without names': { config: { type: 'parse', format: 'csv', output: '{2}{1}' }, lines: ['a,b', ',b', 'a,'], out: ['ba', 'b', 'a'] },
  'parse by groups': { config: { type: 'parse', format: 'regex', pattern: '^(?<who>\\w+) (?:is (?<what>\\w+)|-)$', output: 'json' }, lines: ['jo is here', 'jo -', 'jo'], out: ['{"who":"jo","what":"here"}', '{"who":"jo"}'], counts: { errors: 1 } },
  'sample one of three': { config: { type: 'sample', every: 3 }, lines: ['1', '2', '3', '4', '5'], out: ['1', '4'], counts: { dropped: 3 } },
  'sample all and none': { config: { type: 'sample', percent: 100 }, lines: LOG, out: LOG },
  'sample none': { config: { type: 'sample', percent: 0 }, lines: LOG, out: [] },
  'sample keeps what matters': { config: { type: 'sample', percent: 0, keep: 'level:error' }, lines: LOG, out: ['ERROR three'] },
  'sample gives equal lines one fate': { config: { type: 'sample', percent: 50 }, lines: ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd'], out: ['a', 'a', 'c', 'c'] },
  dedupe: { config: { type: 'dedupe' }, lines: ['a', 'b', 'a', ''], out: ['a', 'b', ''], counts: { dropped: 1 } },
  'dedupe within two lines': { config: { type: 'dedupe', lines: 2 }, lines: ['a', 'b', 'a', 'c', 'b', 'a'], out: ['a', 'b', 'c', 'b', 'a'] },
  'dedupe by what is found': { config: { type: 'dedupe', key: 'id=(\\d+)' }, lines: ['1 id=1', '2 id=2', '3 id=1', '4', '5'], out: ['1 id=1', '2 id=2', '4'] },
  'dedupe of long lines': { config: { type: 'dedupe' }, lines: ['x'.repeat(99) + 'a', 'x'.repeat(99) + 'b', 'x'.repeat(99) + 'a'], out: ['x'.repeat(99) + 'a', 'x'.repeat(99) + 'b'] },
  'rate_limit at one moment': { config: { type: 'rate_limit', per_second: 2 }, lines: ['1', '2', '3'], out: ['1', '2'], counts: { dropped: 1 } },
  'rate_limit with a burst and keys': { config: { type: 'rate_limit', per_second: 0.5, burst: 1, key: '^\\w' }, lines: ['a1', 'b1', 'a2'], out: ['a1', 'b1'] },
  'extract lets lines go on': { config: { type: 'extract', series: 'ms', pattern: '(\\d+)ms' }, lines: ['12ms', 'x'], out: ['12ms', 'x'], counts: { details: { numbers: 1 } } }
}

for (const [name, { config, lines, out, counts = {} }] of Object.entries(USES)) {
  test(name, (t) => {
    const pipeline = pipelineOf([{ ...config, id: 'it' }])
    const given = [...pipeline.run(lines, 1).lines, ...pipeline.end(lines.length + 1).lines]
    const stats = pipeline.stats()['it']

    t.strictSame(given, out)
    t.match(stats, { type: config['type'], lines_in: lines.length, lines_out: out.length, ...counts })
    if (stats !== undefined) t.equal(stats.lines_in + stats.added, stats.lines_out + stats.dropped + stats.errors + stats.joined + stats.held, 'what goes in comes out, or is counted')
    t.end()
  })
}

test('the common log format is read', (t) => {
  const line = '10.0.0.1 - jo [01/Jan/2026:12:00:00 +0000] "GET /a\\"b HTTP/1.1" 404 - "http://x/" "Agent \\"1\\"" 0.2'
  const chain = [{ type: 'parse', format: 'common_log', output: 'json' }]

  const [out = '{}'] = outOf(chain, [line])
  t.match(JSON.parse(out), { user: 'jo', method: 'GET', path: '/a\\"b', status: 404 })
  t.same(outOf(chain, [line.slice(20)]), [])
  t.end()
})

test('a rate limit fills again with the time, and not when the clock goes back', (t) => {
  let now = 1_000_000
  const pipeline = pipelineOf([{ type: 'rate_limit', per_second: 1 }], { now: () => now })
  const passes = (): number => pipeline.run(['x', 'x'], 1).lines.length

  t.equal(passes(), 1)
  now += 999
  t.equal(passes(), 0)
  now += 1
  t.equal(passes(), 1)
  now -= 5_000
  t.equal(passes(), 0)
  now += 60_000
  t.equal(passes(), 1, 'no more than the burst')
  t.end()
})

test('numbers are taken out of fields and texts, with labels', (t) => {
  const pipeline = pipelineOf([{ type: 'parse', format: 'json' }, { type: 'extract', series: 'latency_ms', field: 'ms', labels: { path: 'p', none: 'x' } }, { type: 'extract', series: 'size', pattern: '"size":"(-?[\\d.e]+)' }])

  pipeline.run(['{"ms":1.5,"p":"/a"}', '{"ms":"20"}', '{"ms":" "}', '{"ms":true}', '{"ms":"x","size":"-1e3"}'], 1)
  t.same(pipeline.takeExtracted(), [
    { series: 'latency_ms', labels: { path: '/a', none: '' }, value: 1.5 },
    { series: 'latency_ms', labels: { path: '', none: '' }, value: 20 },
    { series: 'size', labels: {}, value: -1000 }
  ])
  t.same(pipeline.takeExtracted(), [], 'each once')
  t.end()
})

test('a query sees the fields of a line, and its level', (t) => {
  const lines = ['{"level":"warn","service":"shop","http":{"status":500},"n":1}', '{"level":30,"service":"pay"}']
  const passed = (query: string): string[] => outOf([{ type: 'parse', format: 'json', output: '{service}' }, { type: 'filter', query }], lines)

  t.same(passed('level:warn'), ['shop'])
  t.same(passed('service:pay level>=info'), ['pay'])
  t.same(passed('meta.http.status:500 meta.n:1'), ['shop'])
  t.same(passed('pay'), ['pay'], 'the line is the message')
  t.end()
})

test('a line made of several has the fields of its first', (t) => {
  const chain = [{ type: 'parse', format: 'logfmt', on_error: 'keep' }, { type: 'joiner', start: '^n=', delimiter: '+' }, { type: 'tagger', tags: [{ tag: 'odd', query: 'meta.n:1 OR meta.n:3' }], format: '{tag}:{line}' }]

  t.same(outOf(chain, ['n=1', 'a b', 'n=2', 'c d', 'n=3']), ['odd:n=1+a b', 'n=2+c d', 'odd:n=3'])
  t.end()
})

test('what each cannot be is refused with its place', (t) => {
  const refused: ReadonlyArray<[config: Record<string, unknown>, path: string, message: RegExp]> = [
    [{ type: 'filter' }, '/pattern', /either pattern or query is needed/],
    [{ type: 'filter', pattern: 'a', query: 'b' }, '/query', /stands beside pattern/],
    [{ type: 'filter', query: '(' }, '/query', /./],
    [{ type: 'filter', pattern: '(a', regex: true }, '/pattern', /unterminated group/],
    [{ type: 'filter', pattern: '' }, '/pattern', /length/],
    [{ type: 'filter', pattern: 'a', mode: 'only' }, '/mode', /got "only"/],
    [{ type: 'uppercase', side: 'end' }, '/side', /not known here/],
    [{ type: 'line_counter', format: '{cuont}' }, '/format', /only \{count\} and \{line\} are known/],
    [{ type: 'line_counter', start: -1 }, '/start', /greater or equal to 0/],
    [{ type: 'router', routes: [] }, '/routes', /./],
    [{ type: 'router', routes: [{ pattern: 'a' }, { regex: true }] }, '/routes/1/pattern', /is needed/],
    [{ type: 'tag_router', routes: {} }, '/routes', /./],
    [{ type: 'tagger', tags: [{ tag: 'x', pattern: '[', regex: true }] }, '/tags/0/pattern', /unterminated character class/],
    [{ type: 'tagger', tags: [{ tag: 'x', pattern: 'a' }], format: '{no}' }, '/format', /\{no\}/],
    [{ type: 'joiner', count: 1 }, '/count', /./],
    [{ type: 'joiner', count: 2, quotes: true }, '', /takes one of/],
    [{ type: 'joiner', start: '(?=a)' }, '/start', /linear time/],
    [{ type: 'trim', side: 'left' }, '/side', /got "left"/],
    [{ type: 'replace', pattern: 'a' }, '/with', /is missing/],
    [{ type: 'redact', kinds: ['iban'] }, '/kinds/0', /got "iban"/],
    [{ type: 'redact', patterns: [{ name: 'x', pattern: '(' }] }, '/patterns/0/pattern', /unterminated group/],
    [{ type: 'parse', format: 'xml' }, '/format', /got "xml"/],
    [{ type: 'parse', format: 'regex' }, '/pattern', /is needed/],
    [{ type: 'parse', format: 'regex', pattern: '(a)' }, '/pattern', /no named group/],
    [{ type: 'parse', format: 'json', pattern: 'a' }, '/pattern', /belongs to the format regex/],
    [{ type: 'parse', format: 'json', columns: ['a'] }, '/columns', /belong to the format csv/],
    [{ type: 'sample' }, '', /takes one of/],
    [{ type: 'sample', every: 2, percent: 2 }, '/percent', /takes one of/],
    [{ type: 'sample', every: 2, keep: 'a:(' }, '/keep', /./],
    [{ type: 'sample', percent: 101 }, '/percent', /100/],
    [{ type: 'dedupe', key: '\\1(a)' }, '/key', /./],
    [{ type: 'dedupe', lines: 0 }, '/lines', /./],
    [{ type: 'rate_limit', per_second: 0 }, '/per_second', /./],
    [{ type: 'extract', series: '1x', field: 'a' }, '/series', /./],
    [{ type: 'extract', series: 'x' }, '', /takes one of/],
    [{ type: 'extract', series: 'x', field: 'a', pattern: 'b' }, '/pattern', /takes one of/]
  ]

  for (const [config, path, message] of refused) {
    const told = faultsOf(config)
    t.match(told, [{ path: `/processors/0${path}`, message }], JSON.stringify(config))
    t.equal(told.length, 1, JSON.stringify(config))
  }
  t.end()
})

function faultsOf (config: Record<string, unknown>): unknown[] {
  try {
    compileGraph({ processors: [config] })
    return []
  } catch (error) {
    if (error instanceof AppError) return [...error.faults]
    throw error
  }
}
