import type { Config } from './config.ts'
import { loadSecret } from './generated-secrets.ts'

/** The keys of session tokens: `current` signs, and what either signed is believed. */
export interface SessionKeys {
  current: string
  previous: string | undefined
}

/** Takes the keys of the settings; without JWT_SECRET the one in `dataDir`, which is made when it is missing. Throws as `loadSecret`. */
export function sessionKeysOf ({ dataDir, jwtSecret, jwtSecretPrevious }: Config): SessionKeys {
  return { current: jwtSecret ?? loadSecret(dataDir, 'jwt'), previous: jwtSecretPrevious }
}
