import { test } from 'tap'
import { chosenValues, joinText, readQuery, termOf, typedAt, valueText, withoutChip, withoutField, withTerm, withValues } from '../../dashboard/pages/events/query-text.ts'
import { parseQuery } from '../../src/query/parse.ts'

const texts = (q: string): string[] => {
  const read = readQuery(q)
  return 'fault' in read ? [read.fault] : read.chips.map(({ text }) => text)
}

test('a query becomes chips that together ask for the same', async (t) => {
  const cases: Array<[q: string, chips: string[]]> = [
    ['', []],
    ['  level>=warn   -route ', ['level>=warn', '-route']],
    ['level>=warn -meta.route:/v1/health "timed out" time*', ['level>=warn', '-meta.route:/v1/health', '"timed out"', 'time*']],
    ['a AND NOT service:api,"my web"', ['a', 'NOT service:api,"my web"']],
    ['-(a OR b) level:error', ['-(a OR b)', 'level:error']],
    ['a OR b c', ['a OR b c']],
    ['"a😀 \\" )" host:x', ['"a😀 \\" )"', 'host:x']]
  ]
  for (const [q, chips] of cases) {
    t.same(texts(q), chips, q)
    t.same(parseQuery(chips.join(' ')), parseQuery(q), `${q}: the same query`)
  }
})

test('a chip knows what it is about, and where it stands', async (t) => {
  const read = readQuery('a😀 -service:api,"my web"* (a b)')
  if ('fault' in read) return t.fail(read.fault)

  t.match(read.chips[1], { name: 'service', op: ':', values: ['api', 'my web*'], isExcluded: true, start: 4 })
  t.match(read.chips[2], { name: undefined, isExcluded: false, text: '(a b)' })
})

test('what cannot be read is told with its column', async (t) => {
  t.match(readQuery('level>=warn level>=loud'), { fault: /^column 20: "loud" is no level/ })
  t.match(readQuery('(a'), { fault: /^column 1: this bracket is not closed/ })
})

test('terms are included and excluded, once, in place of their opposite', async (t) => {
  t.equal(withTerm('', 'service:api'), 'service:api')
  t.equal(withTerm('a', 'service:api'), 'a service:api')
  t.equal(withTerm('a service:api', 'service:api'), 'a service:api')
  t.equal(withTerm('a service:api', 'service:api', { isExcluded: true }), 'a -service:api')
  t.equal(withTerm('-service:api b', 'service:api'), 'b service:api')
  t.equal(withTerm('a OR b', 'service:api', { isExcluded: true }), '(a OR b) -service:api', 'alternatives keep together')
  t.equal(withoutChip('a -b c', 1), 'a c')
  t.equal(joinText('a OR b', ' c '), '(a OR b) c')
  t.equal(joinText('a', ''), 'a')
})

test('any value can be asked for, or is said to be none', async (t) => {
  for (const value of ['api', 'my web', 'a"b\\c', '', '>5', '-x', 'a,b', 'x*', '(y)', '/v1/health', '~', 'a:b', '5', 'é 😀']) {
    const term = termOf('meta.x', value)
    t.same(parseQuery(term ?? ''), { kind: 'compare', field: { name: 'meta', path: ['x'] }, op: '=', value }, `${term}`)
  }
  t.equal(termOf('message', 'it\'s (broken)'), 'message~"it\'s (broken)"')
  t.equal(termOf('meta.a b', 'x'), undefined)
  t.equal(termOf('meta.a..b', 'x'), undefined)
  t.equal(valueText('plain'), 'plain')
})

test('values of a field are chosen, also levels by a limit', async (t) => {
  t.equal(chosenValues('a -level:info', 'level'), undefined)
  t.same([...chosenValues('level>=warn', 'level') ?? []], ['WARN', 'ERROR', 'FATAL'])
  t.same([...chosenValues('level>=warn level<fatal', 'level') ?? []], ['WARN', 'ERROR'])
  t.same([...chosenValues('x service:api,web', 'service') ?? []], ['api', 'web'])
  t.equal(withValues('x service:api', 'service', ['api', 'my web']), 'x service:api,"my web"')
  t.equal(withValues('x service:api', 'service', []), 'x')
  t.equal(withValues('level:info x', 'level', ['ERROR', 'WARN', 'FATAL']), 'x level>=warn')
  t.equal(withValues('x', 'level', ['ERROR', 'INFO']), 'x level:info,error')
  t.equal(withValues('x', 'level', ['FATAL']), 'x level:fatal')
  t.equal(withValues('a OR b', 'service', ['api']), '(a OR b) service:api')
  t.equal(withoutField('a service:api -service:web service~x', 'service'), 'a -service:web service~x')
})

test('the end of what is typed is a field or a value of one', async (t) => {
  t.same(typedAt('lev'), { start: 0, field: undefined, part: 'lev' })
  t.same(typedAt('a -serv'), { start: 3, field: undefined, part: 'serv' })
  t.same(typedAt('level>=w'), { start: 7, field: 'level', part: 'w' })
  t.same(typedAt('x service:api,we'), { start: 14, field: 'service', part: 'we' })
  t.same(typedAt('service:"my w'), { start: 8, field: 'service', part: 'my w' })
  t.same(typedAt('(host:'), { start: 6, field: 'host', part: '' })
  t.equal(typedAt('a "quoted'), undefined)
})
