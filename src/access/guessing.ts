import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as commonDictionary } from '@zxcvbn-ts/language-common'
import { dictionary, translations } from '@zxcvbn-ts/language-en'

/** What the thread is asked: the password as it is hashed, and whose it would be. */
export interface Question {
  password: string
  username: string
}

/** From 0 to 4. 3 takes 10^8 guesses or more: beyond anybody who asks the service, and long work on a stolen argon2id hash. */
const LEAST_SCORE = 3
/** Trying out letters that stand for others takes more than twice the time for twice the length; whatever is good is good by then. */
const SCORED_LETTERS = 64
const TRIED_SUBSTITUTIONS = 20
const SERVICE_NAME = 'bellwether'
/** Too long for the lists, and known to everybody who reads about passwords. */
const FAMOUS = 'correcthorsebatterystaple'
const BETWEEN_WORDS = /[\s._,-]+/g

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...commonDictionary, ...dictionary, 'passwords-famous': [FAMOUS] },
  graphs: adjacencyGraphs,
  translations: { ...translations, warnings: { ...translations.warnings, userInputs: 'It is made of the username or the name of the service.' } },
  maxLength: SCORED_LETTERS,
  l33tMaxSubstitutions: TRIED_SUBSTITUTIONS
})

/**
 * Says why a password is easily guessed and what to do, in sentences that hold no part of it; undefined when it is not. Blanks and
 * hyphens between its parts make it no better. It looks at the first 64 letters. Loads 200,000 words: a matter for a thread.
 * Source: Wheeler 2016, zxcvbn: Low-Budget Password Strength Estimation.
 */
export function whyGuessable (password: string, username: string): string | undefined {
  const words = [SERVICE_NAME, username, ...username.split(/[._@-]/)]
  const asTyped = zxcvbn.check(password, words)
  const joined = zxcvbn.check(password.replace(BETWEEN_WORDS, ''), words)
  const { score, feedback } = joined.guesses < asTyped.guesses ? joined : asTyped
  if (score >= LEAST_SCORE) return undefined
  return [feedback.warning, ...feedback.suggestions].filter((sentence) => sentence !== null && sentence !== '').join(' ')
}
