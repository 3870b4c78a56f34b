import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { SessionKeys } from '../settings/session-keys.ts'

/** A link is good for so long from when its notice was made. */
export const ACK_LINK_LASTS_MS = 86_400_000

const ID_BYTES = 16
const MAC_BYTES = 16
const PREFIX = 'msg_'
const TOKEN = /^[\w-]{43}$/
/** What else the keys of sessions sign can never pass for a token, nor a token for that. */
const PURPOSE = 'bellwether acknowledge'

/**
 * Tokens of links that acknowledge: the id of a notice, which says which alert, and half an HMAC-SHA-256 over it and the channel
 * that is told. 43 letters, made without a word to the store, and the same whenever they are made. Keys come from those of sessions.
 */
export class AckTokens {
  readonly #keys: readonly Buffer[]

  constructor ({ current, previous }: SessionKeys) {
    this.#keys = [current, ...previous === undefined ? [] : [previous]].map((secret) => Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32)))
  }

  make (noticeId: string, channelId: string): string {
    const [key] = this.#keys
    if (key === undefined) throw new Error('there is no key')
    const id = Buffer.from(noticeId.slice(PREFIX.length).replaceAll('-', ''), 'hex')
    return Buffer.concat([id, macOf(key, noticeId, channelId)]).toString('base64url')
  }

  /** Finds the notice of a token of ours, and which of the channels it was told on. Undefined for all else, after the same work. */
  read (token: string, channelIds: readonly string[]): { noticeId: string, channelId: string } | undefined {
    const bytes = Buffer.from(token, 'base64url')
    if (!TOKEN.test(token) || bytes.toString('base64url') !== token) return undefined
    const noticeId = noticeIdOf(bytes.subarray(0, ID_BYTES).toString('hex'))
    const mac = bytes.subarray(ID_BYTES)
    const [channelId] = channelIds.filter((id) => this.#keys.map((key) => timingSafeEqual(macOf(key, noticeId, id), mac)).includes(true))
    return channelId === undefined ? undefined : { noticeId, channelId }
  }
}

function macOf (key: Buffer, noticeId: string, channelId: string): Buffer {
  return createHmac('sha256', key).update(`${noticeId} ${channelId}`).digest().subarray(0, MAC_BYTES)
}

function noticeIdOf (hex: string): string {
  return PREFIX + hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
