import { test } from 'tap'
import { SseReader } from '../../dashboard/stream/sse.ts'

test('events are read whole, wherever the text breaks', async (t) => {
  const text = ': open\n\nid: 7\nevent: events\ndata: [{"message":"a: b"}]\n\n: still here\n\nevent: gap\ndata: {"missed":null}\n\nid: 8\nevent: events\ndata: []'
  const want = [
    { id: '7', event: 'events', data: '[{"message":"a: b"}]' },
    { id: undefined, event: 'gap', data: '{"missed":null}' }
  ]
  for (let size = 1; size <= text.length; size++) {
    const reader = new SseReader()
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
    t.same(pieces.flatMap((piece) => reader.read(piece)), want, `in pieces of ${size}`)
    t.same(reader.read('\n\n'), [{ id: '8', event: 'events', data: '[]' }], 'the last one when it is complete')
  }
})
