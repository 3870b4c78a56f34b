import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
const KEY_BYTES = { least: 24, most: 64 }
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const PLAIN = /^[\x21-\x7e]{8,512}$/

/**
 * Reads one secret, or two with a blank between them while one replaces the other, as the keys that sign. `whsec_` stands
 * before the base64 of 24 to 64 bytes; any other text is the key itself, byte by byte, which receivers that use a library of
 * Standard Webhooks give as a raw secret. Undefined where a secret is neither, or there are more than two.
 */
export function parseSecrets (text: string): Buffer[] | undefined {
  const keys = text.trim().split(/ +/).map(keyOf).filter((key) => key !== undefined)
  return keys.length === text.trim().split(/ +/).length && keys.length <= 2 ? keys : undefined
}

export const SECRET_HINT = 'must be whsec_ and the base64 of 24 to 64 bytes, or 8 to 512 visible ASCII characters; at most two, with a blank between them'

/** Signs a message with each key: `v1,` and the base64 of the HMAC-SHA256 over `id.timestamp.body`. Source: Standard Webhooks 1.0. */
export function sign ({ id, timestamp, body }: { id: string, timestamp: number, body: string }, keys: readonly Buffer[]): string {
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    .join(' ')
}

function keyOf (secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX)) return PLAIN.test(secret) ? Buffer.from(secret) : undefined
  const encoded = secret.slice(PREFIX.length)
  if (!BASE64.test(encoded)) return undefined
  const key = Buffer.from(encoded, 'base64')
  return key.length >= KEY_BYTES.least && key.length <= KEY_BYTES.most ? key : undefined
}
