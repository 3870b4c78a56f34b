import { JSON_HEADERS, type Notifier } from './notifier.ts'
import { standardVerdict } from './verdict.ts'

/** Calls CANARY_URL with the ms that the canary took so far; without an address it has arrived as it is. */
export const canary: Notifier = {
  request: ({ body }, { url }, now) => ({ url, headers: JSON_HEADERS, body: JSON.stringify({ ms: now - Date.parse(body.started_at) }) }),
  verdict: standardVerdict
}
