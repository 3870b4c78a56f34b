import { SERVICE_KEYS, type SecretMark } from '../../core/text/service-keys.ts'

/** What a kind of secret looks like. What is hidden is the named group of the expression that took part, or all of it where there is none. */
export interface Redaction extends SecretMark {
  /** Tells what only looks like one. */
  isOne?: (found: string) => boolean
  /** Is none where something else was found within it. */
  isNarrow?: true
}

/** In all of these what may repeat without an end stands last and takes other letters than what is before it, so that no text takes longer than its length. */
const OWN_NAMES = ['pass', 'pwd(?!\\\\{0,3}["\']?\\s{0,3}[:=]\\s{0,3}["\']?/)', 'credentials?', '(?:php|j|asp[._]?net[_]?)?sess(?:ion)?[ _-]?(?:id|key)?', 'otp', 'pin(?:[ _-]?code)?', 'cv[vc]2?', 'sig(?:nature)?', 'connect\\.sid'].join('|')
const LAST_WORDS = [
  'secret(?:[ _-]?(?:access[ _-]?)?key(?:[ _-]?base)?)?', 'token', 'pass(?:word|wd|phrase|code)', '(?:api|access|private|signing|encryption|account|auth|master|license|service|shared)[ _-]?key'
].join('|')
const NAMES = `(?:${OWN_NAMES}|[a-z0-9_.-]{0,40}(?:${LAST_WORDS}))`
/** Between a name and its value, also where both are JSON in a text of JSON. */
const EQUALS = '\\\\{0,3}["\']?\\s{0,3}(?:=>|:=|=|:)\\s{0,3}'
/** Ends with its closing quote, or at a blank or at what parts one field from the next. */
const VALUE = '"(?<quoted>(?:[^"\\\\]|\\\\.){1,65536})|\'(?<single>(?:[^\'\\\\]|\\\\.){1,65536})|\\\\{1,3}"(?<escaped>[^"\\\\]+)|\\[(?<several>[^\\]\\r\\n]+)|(?<bare>[^\\s,;&"\'<>)\\]}\\\\]+)'
const NAME_HINTS = ['pass', 'pwd', 'secret', 'token', 'credential', 'key', 'sess', 'otp', 'pin', 'cvv', 'cvc', 'sig', 'sid']

function fixed (kind: string, expression: RegExp, ...hints: string[]): Redaction {
  return { kind, expression, hints }
}

/** Told by what stands before them. */
const NAMED: readonly Redaction[] = [
  fixed('authorization', /\b(?:proxy-)?authorization\\{0,3}["']?\s{0,3}[:=]\s{0,3}\\{0,3}["']?(?:(?<list>(?:digest|hawk|oauth|signature|aws4-hmac-sha256)\s[^\r\n]+)|(?:basic|bearer|token|negotiate|apikey)\s{1,3}(?<secret>[^\s"',;\\]+)|(?<other>[^\r\n"',;\\]+))/gi, 'authorization'),
  fixed('cookie', /\b(?:set-)?cookie\\{0,3}["']?\s{0,3}[:=]\s{0,3}(?:\\{0,3}"(?<quoted>(?:[^"\\]|\\[^"]){1,65536})|'(?<single>[^'\r\n]+)|(?<bare>[^"'\r\n\\][^\r\n]*))/gi, 'cookie'),
  fixed('bearer', /\b(?:bearer|basic)\s{1,3}(?<secret>(?=[\w.~+/-]{0,200}[\d=])[\w.~+/=-]{8,4000})/gi, 'bearer', 'basic'),
  fixed('address', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@?#"']{0,200}:(?<secret>[^\s/?#"']{1,200})@/gi, '://'),
  fixed('azure', /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?<secret>[\w+/=%&.-]{20,400})/g, 'accountkey=', 'sharedaccess'),
  fixed('named', new RegExp(`(?<![A-Za-z0-9])${NAMES}${EQUALS}(?:${VALUE})`, 'gi'), ...NAME_HINTS),
  fixed('named', new RegExp(`<(?:[a-z0-9]{1,20}:)?${NAMES}>(?<secret>[^<\\r\\n]+)`, 'gi'), ...NAME_HINTS),
  fixed('named', /(?<![\w-])(?:-u|--user|--proxy-user)[ =]{1,3}["']?[^\s:,"']{1,200}:(?<secret>[^\s"']{1,200})/g, '-u', '--user', '--proxy-user'),
  fixed('named', /(?<![\w-])--(?:[a-z]{1,20}-){0,3}(?:password|token|secret|api-key|pass|pwd)\s{1,3}(?<secret>[^\s"'-][^\s"']{0,400})/gi, '--'),
  fixed('named', /\bidentified\s{1,3}by\s{1,3}'(?<secret>[^']+)/gi, 'identified')
]

/** In one piece, or in groups as they are printed on cards. */
const CARD = /(?<![\d.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\d.-]?\d)/g

export const KINDS: Readonly<Record<'email' | 'card' | 'jwt' | 'keys', readonly Redaction[]>> = {
  jwt: [fixed('jwt', /\beyJ[\w-]{8,4000}\.[\w-]{4,8000}(?:\.[\w-]{0,4000})?/g, 'eyj')],
  keys: [...SERVICE_KEYS, ...NAMED],
  email: [{ kind: 'email', expression: /[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu, hints: ['@'], isNarrow: true }],
  card: [{ kind: 'card', expression: CARD, hints: [], isOne: isCard, isNarrow: true }]
}

/** Luhn's sum, ISO/IEC 7812-1 annex B, over 13 to 19 digits that begin as those of a card do. */
function isCard (found: string): boolean {
  const digits = found.replace(/[ -]/g, '')
  if (!/^(?:[3-6]|2[2-7])/.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
