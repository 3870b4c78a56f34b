import { test } from 'tap'
import type { Receipt } from '../../schemas/submission.ts'
import { buildTestApp } from '../helper.ts'
import { find, NDJSON_BODY, post, TEXT_BODY } from '../plugins/support.ts'
import { JSON_LINES, TEXT_LINES } from './real-lines.ts'

const RECEIVED = '2026-11-29T07:00:00.000Z'

test('what loggers print is understood as it is', async (t) => {
  const app = await buildTestApp(t, {}, { now: () => Date.parse(RECEIVED) })

  for (const { title, lines, headers } of [
    { title: 'JSON lines', lines: JSON_LINES, headers: NDJSON_BODY },
    { title: 'lines of text', lines: TEXT_LINES, headers: TEXT_BODY }
  ]) {
    await t.test(title, async (t) => {
      const { items, accepted, notes = [] } = (await post(app, '/events?items=all', lines.map(({ line }) => line).join('\n'), headers)).json<Receipt>()
      const events = new Map((await find(app)).map((event) => [event.id, event]))

      t.equal(accepted, lines.length)
      for (const [index, { logger, line, level, time = RECEIVED, service = null, message = line, noted }] of lines.entries()) {
        t.match(events.get(items[index]?.id ?? ''), { level, time, service, message }, `${logger}: ${line}`)
        t.equal(notes.some((note) => note.index === index), noted !== undefined, `${logger} is noted: ${line}`)
      }
    })
  }
})
