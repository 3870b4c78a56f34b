import { randomBytes } from 'node:crypto'
import { AppError } from '../core/errors.ts'

/** Source: OWASP Password Storage Cheat Sheet, argon2id with 19 MiB. Argon2id is what the package does unless told otherwise. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const OUTPUT_BYTES = 32
const SALT_BYTES = 16
/** Two take one core each and 19 MiB: the rest of the machine is for everything else. */
const MOST_AT_ONCE = 2
const MOST_WAITING = 32
const RETRY_AFTER_SECONDS = 2
/** A hash that no password has, of the same cost as all others. */
const NOBODY = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$${random(SALT_BYTES)}$${random(OUTPUT_BYTES)}`

/** Hashes and checks passwords, few at a time. */
export class Passwords {
  #running = 0
  readonly #waiting: Array<() => void> = []

  /** Answers argon2id in PHC form. Throws `overloaded` when too many wait already, as `isRight` does. */
  hash (password: string): Promise<string> {
    return this.#inTurn(async () => (await argon2()).hash(normalPassword(password), COST))
  }

  /** Checks a password. Without a hash, for a user that does not exist, it takes the same time and is wrong. */
  isRight (password: string, hashed: string | undefined): Promise<boolean> {
    return this.#inTurn(async () => (await argon2()).verify(hashed ?? NOBODY, normalPassword(password)))
  }

  async #inTurn<T> (task: () => Promise<T>): Promise<T> {
    if (this.#running < MOST_AT_ONCE) this.#running++
    else await this.#wait()
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  #wait (): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING) {
      throw new AppError('overloaded', 'too many are signing in at the moment: try again in a few seconds', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
    return new Promise((resolve) => { this.#waiting.push(resolve) })
  }
}

/** Tells whether a hash was made at another cost than hashes are made at now. */
export async function isOutdated (hashed: string): Promise<boolean> {
  const { memoryCost, timeCost, parallelism } = (await argon2()).parseOptions(hashed)
  return memoryCost !== COST.memoryCost || timeCost !== COST.timeCost || parallelism !== COST.parallelism
}

/** Loaded when the first password comes: most services see none for days. */
function argon2 () {
  return import('@node-rs/argon2')
}

function random (bytes: number): string {
  return randomBytes(bytes).toString('base64').replace(/=+$/, '')
}

/** A password as it is judged and hashed: keyboards differ in how they compose letters. */
export function normalPassword (password: string): string {
  return password.normalize('NFKC')
}
