import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32

/** Makes a secret of 256 random bits as visible ASCII; the prefix tells people and scanners what it is. */
export function newSecret (prefix: string): string {
  return prefix + randomBytes(SECRET_BYTES).toString('base64url')
}

/** Makes an id of 128 random bits. */
export function newId (): string {
  return randomBytes(16).toString('hex')
}

/** What is stored and compared in place of a secret: SHA-256 in hex, enough for texts that are random. */
export function hashSecret (secret: string): string {
  return hash('sha256', secret)
}

/** Compares two hashes in constant time. */
export function isSameHash (a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
