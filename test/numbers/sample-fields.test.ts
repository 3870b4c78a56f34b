import { test } from 'tap'
import { parseJson } from '../../src/ingest/json/read-json.ts'
import { readSample } from '../../src/numbers/sample-fields.ts'

const NOW = Date.UTC(2026, 5, 1, 12)
const TIMES = { now: NOW, oldest: NOW - 1_000, latest: NOW + 1_000 }

function read (text: string) {
  return readSample(parseJson(text), TIMES)
}

function faults (input: unknown): Array<[path: string, message: string]> {
  const read = readSample(input, TIMES)
  return 'faults' in read ? read.faults.map(({ path, message }) => [path, message]) : []
}

test('a sample is a name and a value; labels and time may be left out', async (t) => {
  t.same(read('{"name":"a_B9","value":-1.5e3}'), { name: 'a_B9', value: -1500, labels: {}, time: NOW })
  t.same(read('{"name":"_","value":0,"labels":{"q":"größe, \\"x\\"","empty":""},"time":"2026-06-01T12:00:00.5Z"}'),
    { name: '_', value: 0, labels: { q: 'größe, "x"', empty: '' }, time: NOW + 500 })
})

test('a number that is finer than a double is the nearest double', async (t) => {
  t.match(read('{"name":"a","value":0.1000000000000000055511151231257827}'), { value: 0.1 })
  t.match(read('{"name":"a","value":12345678901234567890}'), { value: Number('12345678901234567890') })
})

const bad: ReadonlyArray<[text: string, path: string, message: RegExp]> = [
  ['5', '', /is an object/],
  ['null', '', /is an object/],
  ['[]', '', /is an object/],
  ['{"value":1}', '/name', /missing/],
  ['{"name":5,"value":1}', '/name', /must be a text/],
  ['{"name":"","value":1}', '/name', /is no name/],
  ['{"name":"9a","value":1}', '/name', /is no name/],
  ['{"name":"a-b","value":1}', '/name', /is no name/],
  ['{"name":"a\\n","value":1}', '/name', /is no name/],
  ['{"name":"größe","value":1}', '/name', /is no name/],
  [`{"name":"${'a'.repeat(129)}","value":1}`, '/name', /129 characters, at most 128/],
  ['{"name":"host_cpu_percent","value":1}', '/name', /host_ is for what the service measures/],
  ['{"name":"process_x","value":1}', '/name', /process_/],
  ['{"name":"watched_x","value":1}', '/name', /watched_/],
  ['{"name":"http_x","value":1}', '/name', /http_/],
  ['{"name":"container_x","value":1}', '/name', /container_/],
  ['{"name":"bellwether_x","value":1}', '/name', /bellwether_/],
  ['{"name":"a"}', '/value', /missing/],
  ['{"name":"a","value":null}', '/value', /must be a number, got null/],
  ['{"name":"a","value":"1"}', '/value', /must be a number, got a string/],
  ['{"name":"a","value":1e301}', '/value', /between/],
  ['{"name":"a","value":-1e301}', '/value', /between/],
  ['{"name":"a","value":1,"labels":[]}', '/labels', /must be an object/],
  ['{"name":"a","value":1,"labels":null}', '/labels', /must be an object/],
  ['{"name":"a","value":1,"labels":{"x":1}}', '/labels/x', /must be a text/],
  ['{"name":"a","value":1,"labels":{"x":null}}', '/labels/x', /must be a text/],
  ['{"name":"a","value":1,"labels":{"__proto__":"x"}}', '/labels/__proto__', /no name of a label/],
  ['{"name":"a","value":1,"labels":{"a b":"x"}}', '/labels/a b', /no name of a label/],
  ['{"name":"a","value":1,"labels":{"":"x"}}', '/labels/', /no name of a label/],
  ['{"name":"a","value":1,"labels":{"x":"\\ud800"}}', '/labels/x', /well-formed/],
  ['{"name":"a","value":1,"labels":{"x":"\\u0000"}}', '/labels/x', /NUL/],
  [`{"name":"a","value":1,"labels":{"x":"${'y'.repeat(256)}"}}`, '/labels/x', /255/],
  [`{"name":"a","value":1,"labels":{${Array.from({ length: 17 }, (_, n) => `"l${n}":""`).join()}}}`, '/labels', /17 labels, at most 16/],
  ['{"name":"a","value":1,"time":"yesterday"}', '/time', /not a time/],
  ['{"name":"a","value":1,"time":null}', '/time', /not a time/],
  [`{"name":"a","value":1,"time":${NOW - 1_001}}`, '/time', /is before 2026-06-01T11:59:59.000Z/],
  [`{"name":"a","value":1,"time":${NOW + 1_001}}`, '/time', /is after 2026-06-01T12:00:01.000Z/],
  ['{"name":"a","value":1,"unit":"ms"}', '/unit', /is not known here/],
  ['{"name":"a","value":1,"__proto__":{"x":1}}', '/__proto__', /is not known here/]
]
for (const [text, path, message] of bad) {
  test(`refused at "${path}": ${text.slice(0, 70)}`, async (t) => {
    t.match(faults(parseJson(text)), [[path, message]])
    t.equal(faults(parseJson(text)).length, 1)
  })
}

test('the bounds themselves are taken', async (t) => {
  for (const text of [
    `{"name":"${'a'.repeat(128)}","value":1e300}`, `{"name":"a","value":-1e300,"labels":{"x":"${'y'.repeat(255)}"}}`,
    `{"name":"a","value":1,"labels":{${Array.from({ length: 16 }, (_, n) => `"l${n}":""`).join()}}}`,
    `{"name":"a","value":1,"time":${NOW - 1_000}}`, `{"name":"a","value":1,"time":${NOW + 1_000}}`, '{"name":"hosts_up","value":1}', '{"name":"host","value":1}'
  ]) t.same(faults(parseJson(text)), [], text)
})

test('every fault of a sample is told', async (t) => {
  t.same(faults({ name: 5, value: '', labels: { x: 1, y: 2 }, time: '?', more: 1 }).map(([path]) => path), ['/more', '/name', '/value', '/labels/x', '/labels/y', '/time'])
})
