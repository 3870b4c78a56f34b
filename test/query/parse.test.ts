import fc from 'fast-check'
import { test } from 'tap'
import { AppError } from '../../src/core/errors.ts'
import type { CompareOp, Field, FieldName, QueryNode } from '../../src/query/node.ts'
import { parseQuery, QUERY_LIMITS } from '../../src/query/parse.ts'

const at = (name: FieldName): Field => ({ name })
const meta = (...path: string[]): Field => ({ name: 'meta', path })
const all = (...nodes: QueryNode[]): QueryNode => ({ kind: 'and', nodes })
const any = (...nodes: QueryNode[]): QueryNode => ({ kind: 'or', nodes })
const not = (node: QueryNode): QueryNode => ({ kind: 'not', node })
const words = (...list: string[]): QueryNode => ({ kind: 'words', words: list, prefix: false })
const begin = (...list: string[]): QueryNode => ({ kind: 'words', words: list, prefix: true })
const is = (field: Field, value: string | number | boolean, op: CompareOp = '='): QueryNode => ({ kind: 'compare', field, op, value })
const prefix = (field: Field, value: string): QueryNode => ({ kind: 'prefix', field, value })
const contains = (field: Field, value: string): QueryNode => ({ kind: 'contains', field, value })
const exists = (field: Field): QueryNode => ({ kind: 'exists', field })
const a = words('a')
const b = words('b')
const c = words('c')

const GOOD: [string, QueryNode][] = [
  ['a', a],
  [' \t\n a\u00a0b ', all(a, b)],
  ['Über Café', all(words('uber'), words('cafe'))],
  ['time-out', words('time', 'out')],
  ['/api/v1,x', words('api', 'v1', 'x')],
  ['src/main.ts:12', words('src', 'main', 'ts', '12')],
  ['[2026-01-01T12:30:01]', words('2026', '01', '01t12', '30', '01')],
  ['x=1', words('x', '1')],
  ['or and not', all(words('or'), words('and'), words('not'))],
  ['"timed out"', words('timed', 'out')],
  ['"OR"', words('or')],
  ['"a (b) -c: \\"d\\" \\\\ \\e"', words('a', 'b', 'c', 'd', 'e')],
  ['time*', begin('time')],
  ['conn-ref*', begin('conn', 'ref')],
  ['"timed ou"*', begin('timed', 'ou')],
  ['"x*"', words('x')],
  ['message:a', a],
  ['message:"a b"', words('a', 'b')],
  ['message:a,b', words('a', 'b')],
  ['message:a*', begin('a')],
  ['message:*', exists(at('message'))],
  ['message~"!! A"', contains(at('message'), '!! A')],
  ['message~a,b*', contains(at('message'), 'a,b*')],

  ['a AND b', all(a, b)],
  ['a b OR c', any(all(a, b), c)],
  ['a OR b c', any(a, all(b, c))],
  ['a OR b OR c', any(a, b, c)],
  ['a (b OR c)', all(a, any(b, c))],
  ['(a)(b)c', all(a, b, c)],
  ['((a))', a],
  ['-a', not(a)],
  ['NOT a', not(a)],
  ['NOT NOT a', not(not(a))],
  ['-a b', all(not(a), b)],
  ['NOT(a OR b)', not(any(a, b))],
  ['-(a b) OR c', any(not(all(a, b)), c)],
  ['a AND NOT b', all(a, not(b))],
  ['-"a b"', not(words('a', 'b'))],

  ['level:error', is(at('level'), 5)],
  ['level>=warn', is(at('level'), 4, '>=')],
  ['level>Warning', is(at('level'), 4, '>')],
  ['level<=ERR', is(at('level'), 5, '<=')],
  ['level<critical', is(at('level'), 6, '<')],
  ['level:error,fatal', any(is(at('level'), 5), is(at('level'), 6))],
  ['level:*', exists(at('level'))],
  ['-level:debug', not(is(at('level'), 2))],
  ['severity:low', is(at('severity'), 1)],
  ['severity>=High', is(at('severity'), 3, '>=')],
  ['severity:4', is(at('severity'), 4)],
  ['anomaly:true', is(at('anomaly'), true)],
  ['anomaly:false', is(at('anomaly'), false)],
  ['anomaly>=0.5', is(at('anomaly'), 0.5, '>=')],
  ['anomaly:2', is(at('anomaly'), 2)],
  ['anomaly:*', exists(at('anomaly'))],

  ['service:api', is(at('service'), 'api')],
  ['service:a,b', any(is(at('service'), 'a'), is(at('service'), 'b'))],
  ['service:a,"b, c"', any(is(at('service'), 'a'), is(at('service'), 'b, c'))],
  ['service:a*,b', any(prefix(at('service'), 'a'), is(at('service'), 'b'))],
  ['service:"my api"', is(at('service'), 'my api')],
  ['service:"my \\"api\\""', is(at('service'), 'my "api"')],
  ['service:"C:\\temp"', is(at('service'), 'C:\\temp')],
  ['service:"my a"*', prefix(at('service'), 'my a')],
  ['service:"a*"', is(at('service'), 'a*')],
  ['service:Ap*', prefix(at('service'), 'Ap')],
  ['service:*', exists(at('service'))],
  ['service:"*"', is(at('service'), '*')],
  ['type~AUD', contains(at('type'), 'AUD')],
  ['host:10.0.0.1:8080', is(at('host'), '10.0.0.1:8080')],
  ['trace_id:4bf9*', prefix(at('trace_id'), '4bf9')],
  ['pattern:p1,p2', any(is(at('pattern'), 'p1'), is(at('pattern'), 'p2'))],

  ['meta.status:500', is(meta('status'), '500')],
  ['meta.http.status>=500', is(meta('http', 'status'), 500, '>=')],
  ['meta.t<-1.5e3', is(meta('t'), -1500, '<')],
  ['meta.@x-$y_1.größe:"ja nein"', is(meta('@x-$y_1', 'größe'), 'ja nein')],
  ['meta.x:null', is(meta('x'), 'null')],
  ['meta.x:""', is(meta('x'), '')],
  ['meta.x:-5', is(meta('x'), '-5')],
  ['meta.x:a*', prefix(meta('x'), 'a')],
  ['meta.url~/health', contains(meta('url'), '/health')],
  ['meta.x:*', exists(meta('x'))],
  ['meta.x:http://y', is(meta('x'), 'http://y')],
  ['meta.x:">5"', is(meta('x'), '>5')],
  ['(meta.x:1)', is(meta('x'), '1')],
  ['level>=warn service:api -type:AUDIT meta.status>=500 "timed out"', all(
    is(at('level'), 4, '>='), is(at('service'), 'api'), not(is(at('type'), 'AUDIT')), is(meta('status'), 500, '>='), words('timed', 'out')
  )]
]

const BAD: [query: string, column: number, message: RegExp][] = [
  ['http://x', 1, /no field "http".*meta\.http.*quotes: "http:\/\/x"/],
  ['say 12:30:01', 5, /no field "12".*quotes: "12:30:01"/],
  ['"a😀" x:1', 6, /no field "x"/],
  ['-route:/v1', 2, /no field "route".*meta\.route/],
  ['Level:error', 1, /no field "Level"; use level;/],
  ['msg:x', 1, /use message/],
  ['timestamp>5', 1, /from= and to=/],
  ['constructor:x', 1, /no field "constructor"; fields are/],
  ['>5', 1, /needs a field right before it/],
  ['level >= warn', 7, /needs a field right before it, without a blank/],
  ['level: warn', 7, /a value is missing after level:/],
  ['service:', 9, /a value is missing/],
  ['service:a,', 11, /a value is missing/],
  ['service:,a', 9, /a value is missing/],
  ['service:"a"b', 12, /blank after the closing quote/],
  ['"a","b"', 4, /blank after the closing quote/],
  ['level=error', 1, /use level:error, .*"level=error"/],
  ['level!=error', 1, /use -level:error/],
  ['meta.x==5', 1, /use meta\.x:5/],
  ['meta.status:>=500', 13, /two operators.*meta\.status>=1/],
  ['service:(a OR b)', 9, /service:a,b/],
  ['level:errro', 7, /"errro" is no level; use TRACE, DEBUG, INFO, WARN, ERROR, FATAL/],
  ['level:error,nope', 13, /"nope" is no level/],
  ['level:err*', 7, /without \*/],
  ['level~err', 7, /level is not text/],
  ['severity:5', 10, /no severity; use LOW, MEDIUM, HIGH, CRITICAL or 1 to 4/],
  ['anomaly:maybe', 9, /true or false/],
  ['anomaly>=true', 10, /score like/],
  ['service>=a', 10, /service has no order/],
  ['message<a', 9, /message has no order/],
  ['pattern>1', 9, /pattern has no order/],
  ['service:""', 9, /-service:\*/],
  ['service:""*', 9, /service:\*/],
  ['meta.x>=abc', 9, /"abc" is no number/],
  ['meta.x>1e999', 8, /no number/],
  ['meta.x>05', 8, /no number/],
  ['meta.x>5*', 8, /without \*/],
  ['meta:x', 1, /meta needs a name/],
  ['meta.:x', 1, /meta needs a name/],
  ['meta.a..b:x', 1, /meta needs a name/],
  ['meta.x~""', 8, /nothing to search/],
  ['meta.x~"a"*', 8, /takes no \*/],
  ['"!!"', 1, /no word in this.*message~"!!"/],
  ['a ...', 3, /message~"\.\.\."/],
  ['"\\"?\\""', 1, /message~"\\"\?\\""/],
  ['""', 1, /nothing to search/],
  ['message:"!!"', 9, /message~"!!"/],
  ['*', 1, /leave the query empty/],
  ['*foo', 1, /only at the end.*message~"foo"/],
  ['service:a*b', 9, /only at the end/],
  ['foo.*', 1, /letter or digit right before/],
  ['"a b', 1, /quote is not closed/],
  ['x service:"a', 11, /quote is not closed/],
  ['"a\\"', 1, /quote is not closed/],
  ['a"b"', 2, /quote in the middle/],
  ['"a"b', 4, /blank after the closing quote/],
  ['connect()', 8, /bracket right after a word.*"connect\(\)"/],
  ['()', 2, /nothing between the brackets/],
  ['(a', 1, /bracket is not closed/],
  ['a (b (c)', 3, /bracket is not closed/],
  ['(', 2, /bracket is not closed/],
  ['a)', 2, /closes nothing/],
  [')', 1, /closes nothing/],
  ['OR a', 1, /OR needs a term on both sides.*"OR"/],
  ['a OR', 5, /OR needs a term/],
  ['a OR OR b', 6, /OR needs a term/],
  ['(a OR) b', 6, /OR needs a term/],
  ['AND a', 1, /AND needs a term/],
  ['a AND', 6, /AND needs a term/],
  ['a NOT', 6, /NOT needs a term after it/],
  ['-', 1, /excludes the term right after it/],
  ['a - b', 3, /excludes the term right after it/],
  ['--verbose', 1, /two dashes.*"--verbose"/],
  ['a\0', 2, /NUL/],
  ['"ab\ud800"', 4, /surrogate/],
  [`a ${'"'}${'x'.repeat(3000)}`, 2001, /at most 2000 characters/],
  ['a '.repeat(65), 129, /at most 64 terms; this one has 65/],
  [`service:${'a,'.repeat(64)}a`, 137, /at most 64 terms/],
  [`${'('.repeat(21)}a`, 21, /at most 20 deep/],
  [`${'NOT '.repeat(21)}a`, 81, /at most 20 deep/]
]

for (const [text, tree] of GOOD) {
  test(`${JSON.stringify(text)} is understood`, (t) => {
    t.strictSame(parseQuery(text), tree)
    t.end()
  })
}

test('a blank query asks for everything', (t) => {
  for (const text of ['', ' ', '\t\n\u00a0']) t.equal(parseQuery(text), undefined)
  t.end()
})

for (const [text, column, message] of BAD) {
  test(`${JSON.stringify(text.slice(0, 40))} is refused at column ${column}`, (t) => {
    const error = faultOf(text)

    t.equal(error.code, 'invalid')
    t.match(error.message, new RegExp(`^q, column ${column}: `))
    t.match(error.message, message)
    t.strictSame(error.faults, [{ path: 'q', message: error.message.slice('q, '.length) }])
    t.end()
  })
}

test('the limits themselves are allowed', (t) => {
  t.ok(parseQuery('😀a'.repeat(QUERY_LIMITS.length / 2)))
  t.ok(parseQuery('a '.repeat(QUERY_LIMITS.terms)))
  t.ok(parseQuery(`${'('.repeat(QUERY_LIMITS.depth)}a${')'.repeat(QUERY_LIMITS.depth)}`))
  t.end()
})

test('a long text is cut where a message repeats it', (t) => {
  t.ok(faultOf(`x:${'y'.repeat(1500)}`).message.length < 400)
  t.end()
})

const PIECES = fc.constantFrom('a', 'level', 'meta.x', 'service', 'OR', 'AND', 'NOT', '(', ')', '-', ' ', ' ', ':', '>=', '<', '~', '=',
  '"', '\\', '*', ',', 'warn', '5', '.', '\0', '\ud800', '😀', '!')
const TEXTS = fc.oneof(fc.array(PIECES, { maxLength: 20 }).map((pieces) => pieces.join('')), fc.string({ unit: 'binary' }))

test('no text makes the parser throw anything but a fault of q with a column', (t) => {
  fc.assert(fc.property(TEXTS, (text) => {
    try {
      parseQuery(text)
      return true
    } catch (error) {
      return error instanceof AppError && error.code === 'invalid' && /^q, column \d+: /.test(error.message)
    }
  }), { numRuns: 5000 })
  t.end()
})

test('whatever is suggested for a text that reads like a field is understood', (t) => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9]{1,5}:[a-z0-9"\\/]{1,8}$/), (text) => {
    const suggestion = /in quotes: (".*")$/.exec(messageOf(text))?.[1]
    return suggestion === undefined || parseQuery(suggestion)?.kind === 'words'
  }))
  t.end()
})

function faultOf (text: string): AppError {
  try {
    parseQuery(text)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error(`understood: ${text}`)
}

function messageOf (text: string): string {
  try {
    parseQuery(text)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}
