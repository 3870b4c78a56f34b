import { test } from 'tap'
import { itemsOf, type Part } from '../../src/core/receipt-items.ts'

const part: Part = {
  appended: { ids: [10, 11, 12], duplicates: [1], conflicts: [], renamed: [] },
  clientId: (at) => at === 0 ? null : `id-${at}`,
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
    { index: 0, id: '10', status: 'accepted' }, duplicate, rejected, { index: 5, id: 'id-2', status: 'accepted' }
  ])
})

test('a part in which all was accepted lists nothing', async (t) => {
  t.same(itemsOf({ ...part, appended: { ids: [10, 11, 12], duplicates: [], conflicts: [], renamed: [] }, rejections: [] }), [])
})

test('what cannot be answered by its own id is named by its row, and a conflict says so by the id that was sent', async (t) => {
  const appended = { ids: [10, 11, 0], duplicates: [], conflicts: [2], renamed: [1] }

  const items = itemsOf({ ...part, appended, rejections: [], all: true })

  t.match(items, [
    { index: 0, id: '10', status: 'accepted' }, { index: 2, id: '11', status: 'accepted' },
    { index: 5, id: 'id-2', status: 'conflict', error: /id-2.*another content/, errors: [{ path: '/event_id' }] }
  ])
})
