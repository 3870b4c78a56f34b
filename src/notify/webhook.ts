import type { DeliveryChannel } from '../../schemas/channel.ts'
import type { Notifier } from './notifier.ts'
import { JSON_HEADERS } from './notifier.ts'
import type { Post } from './post.ts'
import { parseSecrets, sign } from './signature.ts'
import { fittingJson } from './trim.ts'
import { standardVerdict } from './verdict.ts'

/** The body of the notice as JSON, with the headers of Standard Webhooks. */
export const webhook: Notifier = {
  request: ({ id, body }, channel, now) => signedPost({ id, json: fittingJson(body) }, channel, now),
  verdict: standardVerdict
}

/** Puts JSON to a webhook. The id stays over all attempts, the time is that of the attempt. Without a secret there is no signature. */
export function signedPost ({ id, json }: { id: string, json: string }, { url, secret }: Pick<DeliveryChannel, 'url' | 'secret'>, now: number): Post {
  const timestamp = Math.floor(now / 1_000)
  const keys = secret === null ? undefined : parseSecrets(secret)
  return {
    url,
    headers: {
      ...JSON_HEADERS,
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      ...(keys === undefined ? {} : { 'webhook-signature': sign({ id, timestamp, body: json }, keys) })
    },
    body: json
  }
}
