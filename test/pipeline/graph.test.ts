import { test } from 'tap'
import { AppError, type Fault } from '../../src/core/errors.ts'
import { compileGraph } from '../../src/pipeline/graph.ts'
import { outOf, pipelineOf } from '../support/pipeline.ts'

const LINES = ['a1', 'b2', 'ab3', 'c4']
const hasA = { pattern: 'a' }
const hasB = { pattern: 'b' }
const mark = (id: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({ type: 'line_counter', id, format: `${id}{count}:{line}`, ...rest })

function faultsOf (config: unknown): readonly Fault[] {
  try {
    compileGraph(config)
    return []
  } catch (error) {
    if (error instanceof AppError) return error.faults
    throw error
  }
}

const USES: Record<string, [processors: unknown[], lines: readonly string[], out: readonly string[]]> = {
  'a chain': [[{ type: 'filter', ...hasA }, { type: 'uppercase' }, mark('n')], LINES, ['n1:A1', 'n2:AB3']],
  'inputs in any order of the list': [[mark('last', { inputs: ['first'] }), mark('first', { inputs: ['input'] })], ['x'], ['last1:first1:x']],
  'the input twice, in the order of the lines, then of the inputs': [[mark('p', { inputs: ['input'] }), mark('q', { inputs: ['input'] }), { type: 'uppercase', inputs: ['q', 'p'] }], ['x', 'y'], ['Q1:X', 'P1:X', 'Q2:Y', 'P2:Y']],
  'fan-out to two ends, put together in the order of the list': [[mark('p'), mark('q', { inputs: ['p'] }), mark('r', { inputs: ['p'] })], ['x', 'y'], ['q1:p1:x', 'r1:p1:x', 'q2:p2:y', 'r2:p2:y']],
  'the parts of a line stay together where ways meet': [[{ type: 'splitter', id: 's' }, { type: 'filter', id: 'f', ...hasA }, mark('m', { inputs: ['s', 'f'] })], ['a,b', 'c'], ['m1:a', 'm2:b', 'm3:a', 'm4:c']],
  'routes by to, the first that fits': [[{ type: 'router', routes: [{ ...hasA, to: 'p' }, { ...hasB, to: 'q' }], default: 'r' }, mark('p'), mark('q'), mark('r')], LINES, ['p1:a1', 'q1:b2', 'p2:ab3', 'r1:c4']],
  'routes by to, all that fit': [[{ type: 'router', all: true, routes: [{ ...hasA, to: 'p' }, { ...hasB, to: 'q' }] }, mark('p'), mark('q')], LINES, ['p1:a1', 'q1:b2', 'p2:ab3', 'q2:ab3']],
  'two routes to one processor': [[{ type: 'router', all: true, routes: [{ ...hasA, to: 'p' }, { ...hasB, to: 'p' }] }, mark('p')], LINES, ['p1:a1', 'p2:b2', 'p3:ab3', 'p4:ab3']],
  'routes by name, and the default by its own': [[{ type: 'router', id: 'by', routes: [{ ...hasA, name: 'as' }, hasB], default: 'rest' }, mark('p', { inputs: ['by.as'] }), mark('q', { inputs: ['by.2'] }), mark('r', { inputs: ['by.rest'] })], LINES, ['p1:a1', 'q1:b2', 'p2:ab3', 'r1:c4']],
  'a router whole': [[{ type: 'router', id: 'by', routes: [hasA, hasB] }, mark('p', { inputs: ['by'] })], LINES, ['p1:a1', 'p2:b2', 'p3:ab3']],
  'what follows a router takes what nobody else does': [[mark('p', { inputs: ['by.as'] }), { type: 'router', id: 'by', inputs: ['input'], routes: [{ ...hasA, name: 'as' }, hasB] }, mark('q')], LINES, ['p1:a1', 'q1:b2', 'p2:ab3']],
  'a branch that nobody takes goes out': [[{ type: 'router', routes: [{ ...hasA, to: 'p' }, hasB], default: 'rest' }, mark('p')], LINES, ['p1:a1', 'b2', 'p2:ab3', 'c4']],
  'tag_router with an id each': [[{ type: 'tag_router', tag_field: 1, delimiter: '|', routes: { error: 'p', 'warn ing': 'q' }, default: 'r' }, mark('p'), mark('q'), mark('r')], ['x|error', 'x| warn ing |y', 'x', 'x|__proto__'], ['p1:x|error', 'q1:x| warn ing |y', 'r1:x', 'r2:x|__proto__']],
  'tag_router without a default': [[{ type: 'tag_router', routes: { E: 'p' } }, mark('p')], ['E,1', 'W,2'], ['p1:E,1']],
  'a router behind a router': [[{ type: 'router', id: 'one', routes: [{ ...hasA, to: 'two' }] }, { type: 'router', id: 'two', routes: [{ ...hasB, to: 'p' }], default: 'q' }, mark('p'), mark('q')], LINES, ['q1:a1', 'p1:ab3']],
  'a joiner on one of two ways': [[{ type: 'joiner', id: 'j', inputs: ['input'] }, mark('p', { inputs: ['input'] }), { type: 'lowercase', inputs: ['j', 'p'] }], ['x', 'y', 'z'], ['p1:x', 'x | y', 'p2:y', 'p3:z', 'z']],
  'ids by type, numbered': [[{ type: 'trim' }, { type: 'trim' }, mark('p', { inputs: ['trim_2'] })], [' x '], ['p1:x']],
  'an id that a type would have got': [[{ type: 'trim' }, { type: 'uppercase', id: 'trim', inputs: ['trim_2'] }], [' x '], ['X']]
}

for (const [name, [processors, lines, out]] of Object.entries(USES)) {
  test(name, (t) => {
    t.strictSame(outOf(processors, lines), out)
    t.end()
  })
}

test('the formats of line tools: line_counter, line_splitter, line_joiner, tag_router', (t) => {
  const config = {
    processors: [
      { type: 'line_splitter', id: 'splitter', delimiter: ';' },
      { type: 'line_counter', id: 'counter', format: 'Line {count}: {line}' },
      { type: 'tag_router', id: 'router', delimiter: ' ', tag_field: 2, routes: { ERROR: 'errors', INFO: 'infos' } },
      { type: 'uppercase', id: 'errors' },
      { type: 'line_joiner', id: 'infos', delimiter: ' + ', count: 2 }
    ]
  }

  t.same(outOf(config.processors, ['ERROR a;INFO b', 'INFO c; DEBUG d', 'INFO e']), ['LINE 1: ERROR A', 'Line 2: INFO b + Line 3: INFO c', 'Line 5: INFO e'])
  t.end()
})

test('every fault is told at once, each with its place', (t) => {
  const told = faultsOf({
    procesors: 1,
    name: 'x',
    processors: [
      { type: 'uppercase', id: 'up' },
      { type: 'upercase' },
      { type: 'filter', patern: 'x', ignore_case: 'yes' },
      { type: 'uppercase', id: 'up' },
      { type: 'uppercase', id: 'input' },
      { type: 'uppercase', id: 'a b' },
      'uppercase',
      { type: 'replace', pattern: '(', regex: true, with: '' }
    ]
  })

  t.match(told, [
    { path: '/procesors', message: /did you mean processors/ },
    { path: '/processors/1/type', message: /did you mean uppercase\?/ },
    { path: '/processors/2/patern', message: /did you mean pattern\?/ },
    { path: '/processors/2/ignore_case', message: /got "yes"/ },
    { path: '/processors/5/id', message: /got "a b"/ },
    { path: '/processors/6', message: /is an object with a type/ },
    { path: '/processors/7/pattern', message: /unterminated group/ },
    { path: '/processors/3/id', message: /is the id of another/ },
    { path: '/processors/4/id', message: /choose another id/ }
  ])
  t.equal(told.length, 9)
  t.end()
})

test('what cannot be linked is told, each with its place', (t) => {
  const uses: ReadonlyArray<[processors: unknown[], faults: ReadonlyArray<{ path: string, message: RegExp }>]> = [
    [[mark('p', { inputs: ['q', 'p.x', 'input'] }), mark('r', { inputs: ['P'] })], [{ path: '/processors/0/inputs/0', message: /nothing is called "q": did you mean p\?/ }, { path: '/processors/0/inputs/1', message: /"p\.x"/ }, { path: '/processors/1/inputs/0', message: /did you mean p\?/ }]],
    [[{ type: 'router', id: 'by', routes: [{ ...hasA, name: 'as' }] }, mark('p', { inputs: ['by.at'] })], [{ path: '/processors/1/inputs/0', message: /did you mean by\.as\?/ }]],
    [[{ type: 'router', routes: [{ ...hasA, to: 'q' }] }, mark('p')], [{ path: '/processors/0/routes/0/to', message: /no processor has the id "q": did you mean/ }]],
    [[{ type: 'tag_router', routes: { 'a/b~c': 'q' }, default: 'z' }, mark('p')], [{ path: '/processors/0/routes/a~1b~0c', message: /"q"/ }, { path: '/processors/0/default', message: /"z"/ }]],
    [[mark('p', { inputs: ['q'] }), mark('q', { inputs: ['p'] })], [{ path: '/processors/0', message: /round in a circle: p, q/ }]],
    [[mark('p', { inputs: ['p'] })], [{ path: '/processors/0', message: /round in a circle: p/ }]],
    [[mark('a'), mark('p', { inputs: ['a', 'r'] }), mark('q'), mark('r'), mark('s')], [{ path: '/processors/1', message: /round in a circle: p, q, r$/ }]],
    [[{ type: 'router', id: 'by', routes: [{ ...hasA, to: 'by' }] }], [{ path: '/processors/0', message: /circle: by/ }]],
    [[{ type: 'router', id: 'by', routes: [{ ...hasA, to: 'q' }] }, mark('p'), mark('q')], [{ path: '/processors/1', message: /takes nothing: by sends every line elsewhere/ }]]
  ]

  for (const [processors, faults] of uses) {
    const told = faultsOf({ processors })
    t.match(told, faults)
    t.equal(told.length, faults.length, JSON.stringify(told))
  }
  t.end()
})

test('two branches of one name are refused', (t) => {
  const routes = [{ ...hasA, name: 'x' }, { ...hasB, name: 'x' }]

  t.match(faultsOf({ processors: [{ type: 'router', routes }] }), [{ path: '/processors/0/routes/1', message: /another route is called "x"/ }])
  t.match(faultsOf({ processors: [{ type: 'router', routes: [{ ...hasA, name: 'x' }], default: 'x' }] }), [{ path: '/processors/0/default', message: /a route is called "x"/ }])
  t.end()
})

test('what is no pipeline is told so', (t) => {
  for (const config of [null, [], 'x', 7]) t.match(faultsOf(config), [{ path: '', message: /a pipeline is an object like/ }])
  for (const config of [{}, { processors: [] }, { processors: {} }]) t.match(faultsOf(config), [{ message: /processors must be a list/ }])
  t.match(faultsOf({ processors: Array.from({ length: 101 }, () => ({ type: 'trim' })) }), [{ path: '/processors', message: /has 101 processors, at most 100/ }])
  t.same(faultsOf({ processors: Array.from({ length: 100 }, () => ({ type: 'trim' })) }), [])
  t.end()
})

test('ways to one processor are counted together', (t) => {
  const pipeline = pipelineOf([{ type: 'router', id: 'by', routes: [{ ...hasA, to: 'p' }, { ...hasB, to: 'p' }], default: 'p' }, mark('p')])

  pipeline.run(LINES, 1)
  t.same(pipeline.stats()['by']?.details, { p: 4 })
  t.end()
})

test('thirty routes and a default take each their own', (t) => {
  const routes = Array.from({ length: 30 }, (_, at) => ({ pattern: `<${at}>` }))
  const lines = ['<29>', '<0>', '<x>', '<30>']

  t.same(outOf([{ type: 'router', id: 'by', routes, default: 'rest' }, mark('p', { inputs: ['by.30'] }), mark('q', { inputs: ['by.rest'] })], lines), ['p1:<29>', '<0>', 'q1:<x>', 'q2:<30>'])
  t.end()
})
