import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
const KEY_BYTES = { least: 24, most: 64 }
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const PLAIN = /^[\x21-\x7e]{8,512}$/
/** What libraries of Standard Webhooks decode, the padding left out or not. */
const LOOSE_BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Reads one secret, or two with a blank between them while one replaces the other, as the keys that sign. `whsec_` stands
 * before the base64 of 24 to 64 bytes. Any other text is the key itself, byte by byte, which receivers give their library as a raw
 * secret; where it can be read as base64 it signs so too, since libraries read it like that when nothing is said. Undefined
 * where a secret is none of these, or there are more than two.
 */
export function parseSecrets (text: string): Buffer[] | undefined {
  const keys = text.trim().split(/ +/).map(keysOf)
  return keys.length <= 2 && keys.every(({ length }) => length > 0) ? keys.flat() : undefined
}

export const SECRET_HINT = 'must be whsec_ and the base64 of 24 to 64 bytes, or 8 to 512 visible ASCII characters; at most two, with a blank between them'

/** Signs a message with each key: `v1,` and the base64 of the HMAC-SHA256 over `id.timestamp.body`. Source: Standard Webhooks 1.0. */
export function sign ({ id, timestamp, body }: { id: string, timestamp: number, body: string }, keys: readonly Buffer[]): string {
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    .join(' ')
}

function keysOf (secret: string): Buffer[] {
  if (!secret.startsWith(PREFIX)) return PLAIN.test(secret) ? [...LOOSE_BASE64.test(secret) ? [Buffer.from(secret, 'base64')] : [], Buffer.from(secret)] : []
  const encoded = secret.slice(PREFIX.length)
  const key = Buffer.from(encoded, 'base64')
  return BASE64.test(encoded) && key.length >= KEY_BYTES.least && key.length <= KEY_BYTES.most ? [key] : []
}
