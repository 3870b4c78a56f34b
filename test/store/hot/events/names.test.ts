import SqliteDatabase from 'better-sqlite3'
import { test, type Test } from 'tap'
import { NameBook } from '../../../../src/store/hot/events/names.ts'

const MORE_THAN_IT_KEEPS = 20_500

test('a name keeps its number, also when more names come than the book keeps in mind', (t) => {
  const { raw, book } = open(t)
  const names = Array.from({ length: MORE_THAN_IT_KEEPS }, (_, index) => `name ${index}`)
  raw.exec('BEGIN')
  const ids = names.map((name) => book.idOf(name))

  const again = names.map((name) => book.idOf(name))

  t.equal(new Set(ids).size, MORE_THAN_IT_KEEPS)
  t.same(again, ids)
  t.equal(raw.prepare('SELECT count(*) FROM names').pluck().get(), MORE_THAN_IT_KEEPS)
  t.end()
})

test('names differ by case, accents and blanks; none has no number', (t) => {
  const { book } = open(t)

  const ids = ['api', 'API', 'api ', 'äpi', 'a\u0308pi'].map((name) => book.idOf(name))

  t.equal(new Set(ids).size, ids.length)
  t.equal(book.idOf(null), null)
  t.end()
})

test('numbers given in a transaction that was rolled back are forgotten', (t) => {
  const { raw, book } = open(t)
  raw.exec('BEGIN')
  book.idOf('lost')
  raw.exec('ROLLBACK')
  book.forget()

  const [kept, lost] = [book.idOf('kept'), book.idOf('lost')]

  t.same(raw.prepare('SELECT name, id FROM names ORDER BY id').raw().all(), [['kept', kept], ['lost', lost]])
  t.end()
})

function open (t: Test): { raw: SqliteDatabase.Database, book: NameBook } {
  const raw = new SqliteDatabase(':memory:')
  t.teardown(() => raw.close())
  raw.exec('CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)')
  return { raw, book: new NameBook(raw) }
}
