import { test } from 'tap'
import { ClosingStack, opening } from '../../src/core/closing-stack.ts'

/** Parts that say when they are closed. */
function parts (): { closed: string[], part: (name: string, fault?: Error) => { name: string, close: () => Promise<void> } } {
  const closed: string[] = []
  const part = (name: string, fault?: Error) => ({
    name,
    close: async () => {
      closed.push(name)
      if (fault !== undefined) throw fault
    }
  })
  return { closed, part }
}

test('what was opened last is closed first, once', async (t) => {
  const { closed, part } = parts()
  const closing = new ClosingStack()

  t.equal(closing.keep(part('store')).name, 'store')
  closing.keep({ close: () => { closed.push('timer') } })
  closing.keep(part('server'))
  await closing.close()
  await closing.close()

  t.same(closed, ['server', 'timer', 'store'])
})

test('a part that cannot be closed keeps no other one open, and the first fault is told', async (t) => {
  const { closed, part } = parts()
  const closing = new ClosingStack()
  closing.keep(part('store', new Error('of the store')))
  closing.keep(part('server', new Error('of the server')))
  closing.keep(part('timer'))

  await t.rejects(closing.close(), { message: 'of the server' })
  t.same(closed, ['timer', 'server', 'store'])
})

test('a failure in the middle closes what was opened and is the one that is told', async (t) => {
  const { closed, part } = parts()
  const begun = opening(async (closing) => {
    closing.keep(part('store', new Error('of the store')))
    closing.keep(part('timer'))
    throw new Error('the port is taken')
  })

  await t.rejects(begun, { message: 'the port is taken' })
  t.same(closed, ['timer', 'store'])
})

test('what was opened is handed on with the way to close it', async (t) => {
  const { closed, part } = parts()
  const opened = await opening(async (closing) => ({ store: closing.keep(part('store')) }))

  t.equal(opened.store.name, 'store')
  t.same(closed, [])
  await opened.close()
  t.same(closed, ['store'])
})
