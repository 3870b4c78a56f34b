import { rawReceiver, status, type Answer } from '../../notify/receiver.ts'
import { broken, quantile, type Case, type Context, type Result } from '../case.ts'
import { idOf, inLab, isSigned, type LedgerEntry, type OutboxLab } from '../outbox-lab.ts'

/** Makes the waits of the table of retries, up to a day, milliseconds. */
const HURRY = 1e-5
const FAILURES = [1, 3, 7]
const OTHERS_P95_MS = 2_000
const RETRY_AFTER_SECONDS = 2

/** 500 so many times for each notice, then 200. */
function failing (times: number): Answer {
  const seen = new Map<string, number>()
  return (response, request) => {
    const count = (seen.get(idOf(request)) ?? 0) + 1
    seen.set(idOf(request), count)
    response.writeHead(count <= times ? 500 : 200).end()
  }
}

async function retried (): Promise<Result> {
  return inLab(async (lab) => {
    const faults: string[] = []
    let requests = 0
    for (const times of FAILURES) {
      const receiver = await lab.receiver(failing(times))
      await lab.channel(`fails-${times}`, receiver.url)
      const lanes = await lab.alerts(3, `fails-${times}`)
      const deliverer = lab.send({ factor: HURRY, timeoutMs: 5_000 })
      const isDrained = await lab.drained()
      await deliverer.close(1_000)
      requests += receiver.received.length
      const ids = receiver.received.map(idOf)
      const stamps = (id: string) => receiver.received.filter((one) => idOf(one) === id).map(({ headers }) => Number(headers['webhook-timestamp']))
      faults.push(...broken(
        [isDrained, `${times} failures: not all was delivered`],
        [lanes.flat().every((id) => ids.filter((other) => other === id).length === times + 1), `${times} failures: not ${times + 1} requests for each notice, under one webhook-id`],
        [receiver.received.every((one) => isSigned(one)), `${times} failures: a signature does not verify`],
        [lanes.flat().every((id) => stamps(id).every((stamp, at, all) => stamp >= (all[at - 1] ?? 0))), `${times} failures: a timestamp went back`],
        [lanes.every(([fired = '', ended = '']) => ids.lastIndexOf(fired) < ids.indexOf(ended)), `${times} failures: an end was told before its beginning`]
      ))
    }
    return { figures: { failures: FAILURES.join(', '), requests }, faults }
  })
}

async function oneHangs ({ isShort }: Context): Promise<Result> {
  return inLab(async (lab) => {
    const timeoutMs = isShort ? 3_000 : 15_000
    const arrivals: number[] = []
    const answer: Answer = (response) => {
      arrivals.push(performance.now())
      response.writeHead(200).end()
    }
    const hanging = await lab.receiver(() => {})
    const others = await Promise.all([1, 2, 3, 4].map(() => lab.receiver(answer)))
    for (const [at, { url }] of [hanging, ...others].entries()) {
      await lab.channel(`r${at}`, url)
      await lab.alerts(25, `r${at}`)
    }
    const startedAt = performance.now()
    lab.send({ factor: 1, timeoutMs })
    await Promise.all(others.map((receiver) => receiver.until(50)))
    const waits = arrivals.map((arrivedAt) => arrivedAt - startedAt)
    const first = await firstAttempt(lab, 'r0')
    return {
      figures: { 'others p95 ms': quantile(waits, 0.95), 'others max ms': Math.max(...waits), 'hanging attempt ms': first?.ms ?? Number.NaN, 'time-out ms': timeoutMs },
      faults: broken(
        [quantile(waits, 0.95) <= OTHERS_P95_MS, `p95 of the others is above ${OTHERS_P95_MS} ms`],
        [first?.reason === 'timeout', `the attempt that hangs ended with ${JSON.stringify(first)}`],
        [first !== undefined && first.ms < timeoutMs + 1_000, 'the attempt that hangs did not end at the time-out']
      )
    }
  })
}

async function firstAttempt (lab: OutboxLab, channelId: string): Promise<LedgerEntry['attempts'][number] | undefined> {
  let found: LedgerEntry['attempts'][number] | undefined
  await lab.until(async () => {
    found = (await lab.ledger(channelId)).flatMap(({ attempts }) => attempts)[0]
    return found !== undefined
  })
  return found
}

async function redirects (): Promise<Result> {
  return inLab(async (lab) => {
    const trap = await lab.receiver()
    const codes = [301, 302, 303, 307, 308]
    for (const code of codes) {
      const receiver = await lab.receiver(status(code, { location: trap.url }))
      await lab.channel(`c${code}`, receiver.url)
      await lab.alerts(1, `c${code}`)
    }
    lab.send({ factor: 1, timeoutMs: 5_000 })
    const attempts = await Promise.all(codes.map((code) => firstAttempt(lab, `c${code}`)))
    return {
      figures: { redirects: codes.length, hits: trap.received.length, results: [...new Set(attempts.map((attempt) => attempt?.result))].join(', ') },
      faults: broken(
        [trap.received.length === 0, 'a redirect was followed'],
        [attempts.every((attempt, at) => attempt?.status === codes[at] && attempt?.result !== 'delivered'), `not every redirect is a failure: ${JSON.stringify(attempts)}`]
      )
    }
  })
}

async function hostileReplies (): Promise<Result> {
  return inLab(async (lab) => {
    const urls = {
      'early close': await rawReceiver(lab, (socket) => socket.end()),
      reset: await rawReceiver(lab, (socket) => socket.resetAndDestroy()),
      'half status line': await rawReceiver(lab, (socket) => socket.end('HTTP/1.1 20')),
      'headers of 1 MB': await rawReceiver(lab, (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`))
    }
    for (const [name, url] of Object.entries(urls)) {
      await lab.channel(name, url)
      await lab.alerts(1, name)
    }
    lab.send({ factor: 1, timeoutMs: 5_000 })
    const attempts = await Promise.all(Object.keys(urls).map((name) => firstAttempt(lab, name)))
    return {
      figures: Object.fromEntries(Object.keys(urls).map((name, at) => [name, attempts[at]?.reason ?? 'none'])),
      faults: broken([attempts.every((attempt) => attempt?.result === 'retry' && attempt.reason !== undefined), `a reason is missing: ${JSON.stringify(attempts)}`])
    }
  })
}

async function throttled (): Promise<Result> {
  return inLab(async (lab) => {
    const gone = await lab.receiver(status(410))
    await lab.channel('gone', gone.url)
    await lab.alerts(1, 'gone')
    const times = { 429: [] as number[], 503: [] as number[] }
    for (const code of [429, 503] as const) {
      const receiver = await lab.receiver((response) => {
        times[code].push(performance.now())
        if (times[code].length > 1) response.writeHead(200).end()
        else response.writeHead(code, { 'retry-after': String(RETRY_AFTER_SECONDS) }).end()
      })
      await lab.channel(`c${code}`, receiver.url)
      await lab.alerts(1, `c${code}`)
    }
    lab.send({ factor: HURRY, timeoutMs: 5_000 })
    const isToldAgain = await lab.until(async () => times[429].length > 1 && times[503].length > 1)
    const waits = Object.values(times).map(([first = 0, second = 0]) => second - first)
    const channel = (await lab.store.read('deliveryChannels', undefined)).find(({ id }) => id === 'gone')
    return {
      figures: { 'least wait ms': Math.min(...waits), 'requests to the one that is gone': gone.received.length },
      faults: broken(
        [isToldAgain, 'a receiver that asked for time was not asked again'],
        [Math.min(...waits) >= RETRY_AFTER_SECONDS * 1_000 - 5, `asked again before Retry-After: ${waits.join(', ')} ms`],
        [channel?.enabled === false, '410 did not switch the channel off'],
        [gone.received.length === 1, `${gone.received.length} requests to a channel that is gone`]
      )
    }
  })
}

export const deliveryCases: readonly Case[] = [
  { name: 'R25', title: 'a receiver that fails some times gets everything, in order, under one signed id', run: retried },
  { name: 'R26', title: 'one of five receivers hangs and holds up nobody', run: oneHangs },
  { name: 'R28', title: 'redirects to loopback are failures and are not followed', run: redirects },
  { name: 'R29', title: 'replies that are no replies are told apart and crash nothing', run: hostileReplies },
  { name: 'R30', title: '410 switches a channel off; nothing is sent before Retry-After', run: throttled }
]
