import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { buildTestApp, OPS_TOKEN } from '../helper.ts'
import { until } from '../support/until.ts'

const BODY = '{"message":"sent before"}'
const HEAD = `POST /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPS_TOKEN}\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`

test('while stopping, what was begun is answered, and what comes after it is refused as a problem with Retry-After', async (t) => {
  const app = await buildTestApp(t)
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(url.port), url.hostname)
  await once(socket, 'connect')

  socket.write(HEAD + BODY.slice(0, 5))
  await until(() => app.service.admission.load.bytes > 0)
  const closed = app.close()
  await until(() => !app.server.listening)
  socket.write(`${BODY.slice(5)}${HEAD}${BODY}`)
  const answers = await text(socket)
  await closed

  t.match(answers, /^HTTP\/1\.1 201 /)
  const refusal = answers.slice(answers.lastIndexOf('HTTP/1.1 '))
  t.match(refusal, /^HTTP\/1\.1 503 /)
  t.match(refusal, /content-type: application\/problem\+json/i)
  t.match(refusal, /retry-after: \d/i)
  t.match(refusal, /connection: close/i)
  t.match(refusal, /"code":"overloaded"/)
})
