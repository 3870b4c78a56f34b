import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { VERSION } from '../core/version.ts'
import { guardedLookup, judgeUrl, RefusedAddress, type Guard } from './guard.ts'

export interface Post {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}

export interface PostOptions {
  guard: Guard
  /** From the look-up of the name to the end of the reply. */
  timeoutMs: number
  signal?: AbortSignal
}

export type FailureReason =
  | 'timeout'
  | 'aborted'
  | 'reset'
  | 'unreachable'
  | 'dns'
  | 'refused_address'
  | 'tls'
  | 'too_large_headers'
  | 'malformed'

/** `replyText` is the first 1 KB of the reply. */
export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  replyText: string
  ms: number
}

/** Nothing that could be read as a reply came. */
export interface PostFailure {
  reason: FailureReason
  detail: string
  ms: number
}

export type PostResult = Reply | PostFailure

const READ_BYTES = 65_536
const KEPT_BYTES = 1_024
const USER_AGENT = `Bellwether/${VERSION}`

const REASONS: ReadonlyMap<string, FailureReason> = new Map([
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['ENODATA', 'dns'],
  ['ETIMEDOUT', 'timeout'],
  ['EPROTO', 'tls'],
  ['HPE_HEADER_OVERFLOW', 'too_large_headers']
])
/** Codes of OpenSSL's verification stand for themselves: the longest list of words that Node has for one thing. */
const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/

/**
 * Sends one POST to an address that the guard lets through, on a connection of its own, and never follows a redirect. Never
 * rejects. A reply counts from its status on: its text is what came of it before it ended, broke off, or the time was up.
 */
export async function guardedPost (post: Post, { guard, timeoutMs, signal }: PostOptions): Promise<PostResult> {
  const startedAt = performance.now()
  const ms = (): number => Math.round(performance.now() - startedAt)
  const judged = judgeUrl(post.url, guard.allow)
  if (judged.refusal !== undefined) return { reason: 'refused_address', detail: `the address ${judged.refusal}`, ms: ms() }

  const end = new AbortController()
  const stop = (): void => end.abort()
  const timer = setTimeout(stop, timeoutMs)
  signal?.addEventListener('abort', stop)
  try {
    signal?.throwIfAborted()
    const response = await send(judged.url, post, guard, end.signal)
    const replyText = await readStart(response)
    return { status: response.statusCode ?? 0, headers: response.headers, replyText, ms: ms() }
  } catch (error) {
    if (signal?.aborted === true) return { reason: 'aborted', detail: 'the service stopped before a reply came', ms: ms() }
    if (end.signal.aborted) return { reason: 'timeout', detail: `no reply within ${timeoutMs} ms`, ms: ms() }
    return { ...failureOf(error), ms: ms() }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** Resolves with the head of the reply. */
function send (url: URL, { headers, body }: Post, guard: Guard, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      signal,
      lookup: guardedLookup(url, guard),
      headers: { ...headers, 'user-agent': USER_AGENT, 'content-length': Buffer.byteLength(body) }
    })
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
    // A reply that switches protocols ends without an error and without a response.
    outgoing.once('close', () => reject(new Error('the connection ended without a reply')))
    outgoing.end(body)
  })
}

/** Reads 64 KB at most and keeps the first 1 KB, without the half of a character at its end and without NUL. */
function readStart (response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise((resolve) => {
    response.on('data', (chunk: Buffer) => {
      if (bytes < KEPT_BYTES) chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= READ_BYTES) response.destroy()
    })
    response.on('error', () => {})
    response.once('close', () => resolve(textOf(Buffer.concat(chunks).subarray(0, KEPT_BYTES))))
  })
}

function textOf (bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true }).replaceAll('\0', '\uFFFD')
}

function failureOf (error: unknown): { reason: FailureReason, detail: string } {
  if (error instanceof RefusedAddress) return { reason: 'refused_address', detail: error.message }
  const detail = error instanceof Error ? error.message : String(error)
  return { reason: reasonOf(parseCode(error)), detail }
}

function reasonOf (code: string): FailureReason {
  const known = REASONS.get(code)
  if (known !== undefined) return known
  if (TLS_CODE.test(code)) return 'tls'
  if (code.startsWith('HPE_')) return 'malformed'
  return code === '' ? 'reset' : 'unreachable'
}

function parseCode (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
