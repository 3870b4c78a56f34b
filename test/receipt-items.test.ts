import { test } from 'tap'
import { itemsOf, type Part } from '../src/receipt-items.ts'

const part: Part = {
  count: 3,
  publicId: (at) => `id-${at}`,
  duplicates: [1],
  indexes: [0, 2, 5],
  rejections: [{ index: 3, faults: [{ path: '/3/message', message: 'is bad' }, { path: '/3', message: 'too' }], original: '{}' }],
  all: false
}

const duplicate = { index: 2, id: 'id-1', status: 'duplicate' }
const rejected = { index: 3, status: 'rejected', error: '/3/message: is bad; /3: too', errors: part.rejections[0]?.faults }

test('what was not accepted is listed in the order of the body', async (t) => {
  t.same(itemsOf(part), [duplicate, rejected])
})

test('all is listed when all was asked for', async (t) => {
  t.same(itemsOf({ ...part, all: true }), [
    { index: 0, id: 'id-0', status: 'accepted' }, duplicate, rejected, { index: 5, id: 'id-2', status: 'accepted' }
  ])
})

test('a part in which all was accepted lists nothing', async (t) => {
  t.same(itemsOf({ ...part, duplicates: [], rejections: [] }), [])
})
