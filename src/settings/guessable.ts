/** What stands in examples until somebody takes something else, and what is put around it. Longer words come first. */
const STOPGAPS = /change|replace|default|example|placeholder|password|passw0rd|passphrase|secret|letmein|qwerty|admin|insert/g
const AROUND = /please|production|string|random|token|value|super|long|your|here|this|some|with|test|key|jwt|api|ops|bit|the|me|my|in|it|to|of|an?/g

const LEAST_STEPS = 5
const LEAST_PIECE = 12

/**
 * Tells whether a secret from a setting is one that a stranger tries first: few letters, a short piece again and again, letters in a
 * row, or nothing but the words that examples hold. It asks for no kinds of letters, so whatever is random passes.
 */
export function isGuessable (secret: string): boolean {
  return steps(secret) < LEAST_STEPS || isRepeated(secret) || isStopgap(secret)
}

/** Counts different letters, leaving out each that is the one before it or its neighbour: `1234`, `aaaa` and `dcba` are one step each. */
function steps (secret: string): number {
  const codes = Array.from(secret, (letter) => letter.codePointAt(0) ?? 0)
  return new Set(codes.filter((code, at) => Math.abs(code - (codes[at - 1] ?? -Infinity)) > 1)).size
}

/** A text is a piece again and again when it is found in itself, doubled, before its end. */
function isRepeated (secret: string): boolean {
  const piece = (secret + secret).indexOf(secret, 1)
  return piece < Math.min(LEAST_PIECE, secret.length)
}

function isStopgap (secret: string): boolean {
  const letters = secret.toLowerCase().replace(/[^a-z0-9]/g, '')
  const rest = letters.replace(STOPGAPS, '')
  return rest !== letters && /^\d{0,4}$/.test(rest.replace(AROUND, ''))
}
