import { SERVICE_KEYS } from './service-keys.ts'

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]'

/** Longer texts are cut before they are searched. */
const MOST_LETTERS = 4_000
const MOST_DEPTH = 16

const NAMES = [
  'pass(?:word|wd|phrase|code)', 'pwd', 'secret(?:[ _-]?(?:access[ _-]?)?key)?', 'token', 'credentials?', '(?:api|access|private|signing|encryption|account|auth)[ _-]?key'
].join('|')
/** Short ones, which also begin or end other words: `pin`, and not `spin` or `pinned`. */
const WORDS = 'pin(?:[ _-]?(?:code|number))?|otp|cv[vc]2?|(?:php|j|asp\\.net_)?sess(?:ion)?[ _-]?(?:id|key|data|cookie)'
/** After these a colon may begin a sentence (`signature: wrong`), so the name must be quoted, or an equals sign follow. */
const SPOKEN = 'x-amz-signature|signature|sig|hmac|session|sid'
const CAMEL = '(?:Pin|Otp|Cvv|Cvc|Sid|Sig|Signature|Hmac|Session|Session(?:Id|Key))'
/** Ends with its closing quote, or without one at a blank or at what parts one field from the next. */
const VALUE = String.raw`(?!["']?\[redacted\])(?:\\{1,3}"[^"\\]*|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;&"']+)`
const SEPARATOR = String.raw`\\{0,3}["']?\s{0,3}(?:=>|:=|=(?!>)|:(?!=))\s{0,3}`

const NAMED = String.raw`(?:${NAMES}|(?<![a-z0-9])(?:${WORDS}|${SPOKEN}))`

/** Each is linear: no repetition stands in another without an end, and what may be tried again is bounded. */
const PATTERNS: ReadonlyArray<[pattern: RegExp, replacement: string | ((...found: string[]) => string)]> = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, REDACTED],
  [new RegExp(String.raw`((?:authorization|(?:set-)?cookie)${SEPARATOR}["']?)[^\r\n"']+`, 'gi'), `$1${REDACTED}`],
  [new RegExp(`((?:${NAMES})${SEPARATOR})(${VALUE})`, 'gi'), (_whole, name = '', value = '') => name + quoted(value)],
  [new RegExp(`((?<![a-z0-9])(?:${WORDS})${SEPARATOR})(${VALUE})`, 'gi'), (_whole, name = '', value = '') => name + quoted(value)],
  [new RegExp(String.raw`((?<![a-z0-9])(?:${SPOKEN})(?:\\{0,3}["']?\s{0,3}=>?|\\{0,3}["']\s{0,3}:)\s{0,3})(?!SIG[A-Z]|\d{1,2}\b)(${VALUE})`, 'gi'), (_whole, name = '', value = '') => name + quoted(value)],
  [new RegExp(`((?<=[a-z0-9])${CAMEL}${SEPARATOR})(${VALUE})`, 'g'), (_whole, name = '', value = '') => name + quoted(value)],
  [new RegExp(String.raw`(<(?:[\w-]{1,40}:)?${NAMED}(?:\s[^<>]{0,200})?>)(?!\[redacted\])[^<]+`, 'gi'), `$1${REDACTED}`],
  // Command lines, also as a list: what follows a flag is its value.
  [new RegExp(String.raw`(--(?:[a-z]{1,20}-){0,3}${NAMED}(?:\s{1,3}|\\{0,3}["']\s{0,3},\s{0,3}))(${VALUE})`, 'gi'), (_whole, name = '', value = '') => name + quoted(value)],
  [/((?<![\w-])(?:-u|--(?:proxy-)?user)(?:[ =]{0,3}|\\{0,3}["']\s{0,3},\s{0,3})\\{0,3}["']?)(?!\d+:\d+(?![\w:]))([^\s:,"'\\=-][^\s:,"'\\]{0,200}):(?!\[redacted\])[^\s"'\\]+/g, `$1$2:${REDACTED}`],
  [/(\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]{0,200}?\s-p|\bsshpass\s{1,3}-p\s{0,3}|\bredis-cli\b[^\n]{0,200}?\s-a\s{1,3})(?!\[redacted\])[^\s"'-]\S*/g, `$1${REDACTED}`],
  [/\b((?:bearer|basic) {1,3})(?=[a-z._~+/-]{0,200}[\d=])[\w.~+/=-]{8,}/gi, `$1${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@?#"']{0,200}:)[^\s/?#"']{1,200}@/gi, `$1${REDACTED}@`],
  [/\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g, REDACTED],
  ...SERVICE_KEYS.map(({ expression }): [RegExp, string] => [expression, REDACTED]),
  [/\b(?:bw[a-z]?_|gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_(?:live|test)_|npm_|whsec_)[\w+/=-]{10,}/g, REDACTED]
]
/** The last word of a name, or the last two. */
const SECRET_WORD = /(?:^|[^a-z0-9])(?:pin(?: ?(?:code|number))?|otp|cv[vc]2?|signature|sig|hmac|sid|(?:php|j)?sess(?:ion)?(?: ?(?:id|key|data|cookie))?)$/
const FLAG = new RegExp(`^--?(?:[a-z]{1,20}-){0,3}(?:${NAMES}|${WORDS}|${SPOKEN})$`, 'i')
const USER_FLAG = /^(?:-u|--(?:proxy-)?user)$/
const HEADER = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-(?:api-key|auth-token))$/i
const SECRET_NAME = /(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credentials?|authorization|cookie|jwt|(?:api|access|private|signing|encryption|account|auth|secret)key)(?:hash)?$/

/**
 * Replaces what usual secrets look like: values of names like `password`, `token`, `sig` or `session_id`, in texts, addresses and command
 * lines, authorization and cookie headers, JSON Web Tokens, keys of well-known services and of this one, passwords in addresses, private keys. The rest stays as it is, up to 4,000
 * characters. It cannot know a secret that looks like any other word.
 */
export function redactText (text: string): string {
  return PATTERNS.reduce((rest, [pattern, replacement]) =>
    typeof replacement === 'string' ? rest.replace(pattern, replacement) : rest.replace(pattern, replacement), text.slice(0, MOST_LETTERS))
}

/** Redacts the texts in a value of JSON, and whole what stands under the name of a secret. */
export function redactValue (value: unknown, depth = MOST_DEPTH): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '…'
  if (Array.isArray(value)) return value.map((member: unknown, at) => redactMember(value[at - 1], member, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [redactText(name), isSecret(name, member) ? REDACTED : redactValue(member, depth - 1)]))
}

/** In a list the value of a flag, or of a header, is the member behind it. */
function redactMember (before: unknown, member: unknown, depth: number): unknown {
  if (typeof before !== 'string' || typeof member !== 'string') return redactValue(member, depth)
  if (FLAG.test(before) || HEADER.test(before)) return REDACTED
  return USER_FLAG.test(before) ? redactText(`-u ${member}`).slice('-u '.length) : redactText(member)
}

/** `has_token: true` says nothing that is secret. */
function isSecret (name: string, value: unknown): boolean {
  if (value === null || value === '' || typeof value === 'boolean') return false
  const end = name.slice(-100)
  if (SECRET_NAME.test(end.toLowerCase().replace(/[^a-z0-9]/g, ''))) return true
  const words = end.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().replace(/[^a-z0-9]+/g, ' ')
  return typeof value !== 'object' && SECRET_WORD.test(words)
}

function quoted (value: string): string {
  const quote = /^(?:\\{0,3}"|')/.exec(value)?.[0] ?? ''
  const isClosed = value.length > quote.length && value.endsWith(quote) && !quote.startsWith('\\')
  return `${quote}${REDACTED}${isClosed ? quote : ''}`
}
