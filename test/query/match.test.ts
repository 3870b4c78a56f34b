import Database from 'better-sqlite3'
import fc from 'fast-check'
import { test } from 'tap'
import { LEVELS, SEVERITIES } from '../../schemas/words.ts'
import { indexText } from '../../src/query/index-text.ts'
import { matcher, type Matchable } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { words } from '../../src/query/words.ts'

const EVENT: Matchable = {
  level: 'WARN',
  severity: 'MEDIUM',
  service: 'my-api',
  type: 'AUDIT',
  host: null,
  traceId: '4bf92f35',
  message: 'Connection to db-7 timed out: Größe É 100%',
  meta: JSON.stringify({
    status: 500,
    ratio: 0.5,
    text: 'Ünder Load',
    digits: '500',
    ok: true,
    nothing: null,
    empty: '',
    list: [1, 'a'],
    http: { method: 'GET', status: 404 },
    'http.path': '/x',
    'http.status': 999,
    'a.b': null
  }),
  patternId: 'p17',
  anomaly: null
}
const BARE: Matchable = { ...EVENT, service: null, type: null, traceId: null, meta: null, patternId: null }

function isMatch (query: string, event: Matchable): boolean {
  const node = parseQuery(query)
  return node === undefined || matcher(node)(event)
}

const TABLE: Record<string, { yes: string[], no: string[] }> = {
  'words stand whole and in order, whatever their case and accents': {
    yes: ['connection', 'CONNECTION', '"timed out"', 'db-7', '"db 7 timed"', 'message:db', 'grosse OR große', 'größe', 'gro\u0308ße', 'é', 'e', '100'],
    no: ['connect', '"out timed"', '"timed to"', 'b-7', 'imed', '"timed ou"', '"out connection"', 'grosse']
  },
  'a star takes the beginning of the last word': {
    yes: ['conn*', '"to d"*', 'connection*', 'db-7*', 'gr*'],
    no: ['onn*', '"conn to"*', 'connectionx*', '"to b"*']
  },
  'contains looks anywhere and minds only ASCII case less': {
    yes: ['message~CONNECT', 'message~"ED OUT:"', 'message~100%', 'message~É', 'service~-AP', 'meta.text~LOAD'],
    no: ['message~é', 'message~"timed  out"', 'host~a', 'meta.text~ü', 'meta.status~5', 'meta.list~a', 'meta.nothing~null']
  },
  'names are compared exactly': {
    yes: ['service:my-api', 'type:AUDIT', 'trace_id:4bf92f35', 'pattern:p17', 'service:x,my-api', 'service:my*', 'trace_id:4bf9*'],
    no: ['service:My-api', 'service:my', 'type:audit', 'pattern:p1', 'service:My*', 'host:x', 'host:x*']
  },
  'levels are ordered': {
    yes: ['level:warn', 'level>=warn', 'level>info', 'level<=warn', 'level<error', 'level:info,warning', 'level:*'],
    no: ['level:error', 'level>warn', 'level<warn', 'level>=error', 'level<=info']
  },
  'severities are ordered': {
    yes: ['severity:medium', 'severity>=2', 'severity<high', 'severity:*'],
    no: ['severity:low', 'severity>medium', 'severity<=low']
  },
  'a field that is not there makes every comparison false and its exclusion true': {
    yes: ['-host:x', '-host:*', '-host~x', '-meta.none:x', '-meta.none>1', 'NOT meta.none:*', '-anomaly>0', '-anomaly<0'],
    no: ['host:*', 'meta.none:*', 'meta.none:null', 'meta.none>1', 'meta.none<1', 'anomaly>=0', 'anomaly<1', 'anomaly:*']
  },
  'meta equals by the text of a string, the value of a number, and the words true, false, null': {
    yes: ['meta.status:500', 'meta.status:5e2', 'meta.status:500.0', 'meta.ratio:0.5', 'meta.text:"Ünder Load"', 'meta.digits:500',
      'meta.ok:true', 'meta.nothing:null', 'meta.empty:""'],
    no: ['meta.status:0500', 'meta.status:501', 'meta.status:1e999', 'meta.digits:5e2', 'meta.text:"ünder Load"', 'meta.ok:1', 'meta.ok:false',
      'meta.nothing:""', 'meta.empty:null', 'meta.list:1', 'meta.list:a', 'meta.http:GET', 'meta.http:"[object Object]"']
  },
  'meta ranges see numbers only': {
    yes: ['meta.status>=500', 'meta.status>499.5', 'meta.status<=500', 'meta.ratio<1', 'meta.ratio>-1'],
    no: ['meta.status>500', 'meta.digits>=500', 'meta.ok>0', 'meta.nothing<1', 'meta.empty<1', 'meta.list>0']
  },
  'meta exists unless it is null': {
    yes: ['meta.status:*', 'meta.empty:*', 'meta.list:*', 'meta.http:*', 'meta.ok:*', '-meta.nothing:*', '-meta.a.b:*', 'meta.a.b:null'],
    no: ['meta.nothing:*', 'meta.STATUS:*', 'meta.toString:*', 'meta.__proto__:*', 'meta.list.length:*', 'meta.list.0:*', 'meta.text.length:*']
  },
  'a path goes through objects first and then takes the dotted name': {
    yes: ['meta.http.method:GET', 'meta.http.status:404', 'meta.http.path:/x'],
    no: ['meta.http.status:999', 'meta.http.none:*', 'meta.method:GET']
  },
  'meta prefix sees strings only': {
    yes: ['meta.text:Ün*', 'meta.digits:50*', 'meta.http.path:/*'],
    no: ['meta.text:ün*', 'meta.status:50*', 'meta.ok:tr*', 'meta.list:a*']
  },
  'and, or and exclusion combine': {
    yes: ['timed level:warn', 'nope OR timed', '-(nope timed)', '-nope -service:x', '(nope OR timed) out', 'nope timed OR out', ''],
    no: ['timed nope', 'nope OR never', '-(nope OR timed)', '(nope OR timed) never', '-timed']
  }
}

for (const [title, { yes, no }] of Object.entries(TABLE)) {
  test(title, (t) => {
    for (const query of yes) t.equal(isMatch(query, EVENT), true, query)
    for (const query of no) t.equal(isMatch(query, EVENT), false, query)
    t.end()
  })
}

test('an anomaly is flagged from a score of 1', (t) => {
  const cases: [number | null, boolean][] = [[null, false], [0, false], [0.99, false], [1, true], [7, true]]

  for (const [anomaly, expected] of cases) {
    t.equal(isMatch('anomaly:true', { ...EVENT, anomaly }), expected, `true, ${anomaly}`)
    t.equal(isMatch('anomaly:false', { ...EVENT, anomaly }), !expected, `false, ${anomaly}`)
  }
  t.equal(isMatch('anomaly>=0.5 anomaly<2 anomaly:1 anomaly:*', { ...EVENT, anomaly: 1 }), true)
  t.end()
})

test('an event without names and meta has none of them', (t) => {
  for (const field of ['service', 'type', 'host', 'trace_id', 'pattern', 'meta.status']) {
    t.equal(isMatch(`${field}:*`, BARE), false, field)
    t.equal(isMatch(`-${field}:500`, BARE), true, field)
  }
  t.end()
})

test('a member named __proto__ is data', (t) => {
  const event = { ...EVENT, meta: '{"__proto__": {"x": "y"}}' }

  t.equal(isMatch('meta.__proto__.x:y', event), true)
  t.equal(isMatch('meta.x:y', event), false)
  t.end()
})

test('meta is read only when it is asked for', (t) => {
  const event = { ...EVENT, meta: 'not JSON' }

  t.equal(isMatch('timed level:warn service:my-api', event), true)
  t.end()
})

const TEXT = fc.array(fc.constantFrom('a', 'b', 'ab', 'É', 'ß', '-', ' ', '数', '据', '서', '\u001b[1m', '😀', 'e\u0301', 'A'), { maxLength: 12 }).map((parts) => parts.join(''))

test('words match exactly where the phrase query of SQLite does', (t) => {
  const db = new Database(':memory:')
  t.teardown(() => db.close())
  db.exec("CREATE VIRTUAL TABLE doc USING fts5(text, tokenize='unicode61 remove_diacritics 1')")
  const insert = db.prepare('INSERT OR REPLACE INTO doc (rowid, text) VALUES (1, ?)')
  const find = db.prepare('SELECT 1 FROM doc WHERE doc MATCH ?')

  fc.assert(fc.property(TEXT, TEXT.filter((text) => words(text).length > 0), fc.boolean(), (message, text, prefix) => {
    insert.run(indexText(message))
    const phrase = words(text)
    const expected = find.get(`"${phrase.join(' ')}"${prefix ? ' *' : ''}`) !== undefined
    return matcher({ kind: 'words', words: phrase, prefix })({ ...EVENT, message }) === expected
  }), { numRuns: 1000 })
  t.end()
})

const NAME = fc.option(fc.constantFrom('a', 'my-api', '', 'É'), { nil: null })
const MATCHABLE: fc.Arbitrary<Matchable> = fc.record({
  level: fc.constantFrom(...LEVELS),
  severity: fc.constantFrom(...SEVERITIES),
  service: NAME,
  type: NAME,
  host: NAME,
  traceId: NAME,
  message: TEXT,
  meta: fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'a.b', '__proto__'), fc.jsonValue()).map((meta) => JSON.stringify(meta)), { nil: null }),
  patternId: NAME,
  anomaly: fc.option(fc.double({ noNaN: true }), { nil: null })
})
const QUERY = fc.constantFrom('a', '"a b"', 'a*', 'message~A', 'level>=warn', 'severity:low', 'service:a', 'type:a*', 'host~É', 'trace_id:*',
  'pattern:a', 'anomaly:true', 'anomaly>0', 'meta.a:1', 'meta.a.b:true', 'meta.b>0', 'meta.a~a', 'meta.a:a*', 'meta.__proto__.a:*', 'meta.b:null')

test('any event is either in or out, and the exclusion says the opposite', (t) => {
  fc.assert(fc.property(QUERY, QUERY, MATCHABLE, (one, two, event) => {
    const [a, b] = [isMatch(one, event), isMatch(two, event)]
    return isMatch(`-${one}`, event) === !a &&
      isMatch(`${one} ${two}`, event) === (a && b) &&
      isMatch(`${one} OR ${two}`, event) === (a || b) &&
      isMatch(`-(${one} ${two})`, event) === isMatch(`-${one} OR -${two}`, event)
  }), { numRuns: 2000 })
  t.end()
})
