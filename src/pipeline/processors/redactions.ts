/** What a kind of secret looks like. What is hidden is the named group of the expression that took part, or all of it where there is none. */
export interface Redaction {
  kind: string
  expression: RegExp
  /** A line without any of these texts has none, in any case of letters. */
  hints: readonly string[]
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

/** Keys of well-known services: their own marks make them sure. */
const MARKED: readonly Redaction[] = [
  fixed('aws', /\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}\b/g, 'akia', 'asia', 'agpa', 'aida', 'aroa', 'anpa'),
  fixed('github', /\b(?:gh[opsur]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/g, 'gh', 'github_pat_'),
  fixed('gitlab', /\bgl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas|ffct)-[\w-]{16,100}/g, 'gl'),
  fixed('slack', /\bxox[abeoprs](?:\.xox[bp])?-[\w-]{10,250}|\bxapp-[\w-]{10,250}/g, 'xox', 'xapp-'),
  fixed('slack', /https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/]{10,200}/g, 'hooks.slack.com'),
  fixed('discord', /https:\/\/(?:\w{1,20}\.)?discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{5,25}\/[\w-]{20,100}/g, 'webhooks/'),
  fixed('discord', /\b[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}\b/g, '.'),
  fixed('teams', /https:\/\/[\w.-]{1,100}\.webhook\.office\.com\/[\w/@.-]{20,300}/g, 'webhook.office.com'),
  fixed('stripe', /\b(?:[srp]k|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,250}/g, 'k_', 'whsec_'),
  fixed('google', /\bAIza[\w-]{35}/g, 'aiza'),
  fixed('google', /\bya29\.[\w-]{20,1000}|\bGOCSPX-[\w-]{20,40}|\b1\/\/0[\w-]{30,200}/g, 'ya29.', 'gocspx-', '1//0'),
  fixed('npm', /\bnpm_[A-Za-z0-9]{20,100}/g, 'npm_'),
  fixed('pypi', /\bpypi-[\w-]{16,300}/g, 'pypi-'),
  fixed('rubygems', /\brubygems_[a-f0-9]{32,64}/g, 'rubygems_'),
  fixed('docker', /\bdckr_[a-z]{3}_[\w-]{16,100}/g, 'dckr_'),
  fixed('sendgrid', /\bSG\.[\w-]{16,32}\.[\w-]{30,64}/g, 'sg.'),
  fixed('twilio', /\b(?:SK|AC)[a-f0-9]{32}\b/g, 'sk', 'ac'),
  fixed('mailgun', /\bkey-[a-f0-9]{32}\b/g, 'key-'),
  fixed('mailchimp', /\b[a-f0-9]{32}-us\d{1,2}\b/g, '-us'),
  fixed('digitalocean', /\bdo[opr]_v1_[a-f0-9]{40,80}/g, '_v1_'),
  fixed('shopify', /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g, 'shp'),
  fixed('square', /\bsq0[a-z]{3}-[\w-]{20,60}|\bEAAA[\w-]{50,80}/g, 'sq0', 'eaaa'),
  fixed('facebook', /\bEAA[A-Za-z0-9]{60,300}/g, 'eaa'),
  fixed('telegram', /\b\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])/g, ':aa'),
  fixed('anthropic', /\bsk-ant-[\w-]{20,200}/g, 'sk-ant-'),
  fixed('openai', /\bsk-(?=[\w-]{0,200}\d)[\w-]{20,250}/g, 'sk-'),
  fixed('huggingface', /\bhf_[A-Za-z0-9]{30,60}/g, 'hf_'),
  fixed('databricks', /\bdapi[a-f0-9]{32}(?:-\d)?\b/g, 'dapi'),
  fixed('dropbox', /\bsl\.[\w-]{60,1500}/g, 'sl.'),
  fixed('atlassian', /\bATATT3[\w=-]{60,250}|\bATCTT3[\w=-]{60,250}/g, 'atatt3', 'atctt3'),
  fixed('postman', /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}/g, 'pmak-'),
  fixed('doppler', /\bdp\.[a-z]{2,5}\.[\w.-]{20,100}/g, 'dp.'),
  fixed('vault', /\bhv[sbr]\.[\w-]{20,300}/g, 'hvs.', 'hvb.', 'hvr.'),
  fixed('terraform', /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,100}/g, '.atlasv1.'),
  fixed('newrelic', /\bNR(?:AK|JS|II|RA|AL)-[\w-]{16,60}/g, 'nr'),
  fixed('grafana', /\bgl(?:c|sa)_[\w+/=-]{20,400}/g, 'glc_', 'glsa_'),
  fixed('sentry', /\bsntry[su]_[\w+/=-]{20,400}/g, 'sntry'),
  fixed('linear', /\blin_(?:api|oauth)_[A-Za-z0-9]{20,80}/g, 'lin_'),
  fixed('notion', /\b(?:ntn_|secret_)[A-Za-z0-9]{30,60}/g, 'ntn_', 'secret_'),
  fixed('figma', /\bfig[dou]r?_[\w-]{20,80}/g, 'fig'),
  fixed('airtable', /\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}/g, 'pat'),
  fixed('planetscale', /\bpscale_(?:pw|tkn|oauth)_[\w.=-]{20,80}/g, 'pscale_'),
  fixed('supabase', /\bsb(?:p|_secret)_[\w-]{20,80}/g, 'sbp_', 'sb_secret_'),
  fixed('hubspot', /\bpat-(?:na|eu)\d-[a-f0-9-]{36}/g, 'pat-'),
  fixed('heroku', /\bHRKU-[\w-]{36,80}/g, 'hrku-'),
  fixed('pulumi', /\bpul-[a-f0-9]{40}/g, 'pul-'),
  fixed('dynatrace', /\bdt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}/g, 'dt0'),
  fixed('contentful', /\bCFPAT-[\w-]{43}/g, 'cfpat-'),
  fixed('buildkite', /\bbk(?:ua|at)_[a-f0-9]{40}/g, 'bkua_', 'bkat_'),
  fixed('circleci', /\bCCI(?:PAT|PRJ)_[\w-]{20,100}/g, 'ccipat_', 'cciprj_'),
  fixed('fly', /\bfm[12][a-z]?_[\w+/=-]{40,1000}/g, 'fm1', 'fm2'),
  fixed('replicate', /\br8_[A-Za-z0-9]{37}/g, 'r8_'),
  fixed('tailscale', /\btskey-[a-z]{3,12}-[\w-]{16,100}/g, 'tskey-'),
  fixed('groq', /\bgsk_[A-Za-z0-9]{40,80}/g, 'gsk_'),
  fixed('perplexity', /\bpplx-[A-Za-z0-9]{40,80}/g, 'pplx-'),
  fixed('xai', /\bxai-[A-Za-z0-9]{60,100}/g, 'xai-'),
  fixed('brevo', /\bxkeysib-[a-f0-9]{64}-\w{16}/g, 'xkeysib-'),
  fixed('typeform', /\btfp_[\w-]{40,80}/g, 'tfp_'),
  fixed('netlify', /\bnfp_[A-Za-z0-9]{30,60}/g, 'nfp_'),
  fixed('age', /\bAGE-SECRET-KEY-1[A-Z0-9]{20,80}/g, 'age-secret-key-1'),
  fixed('bellwether', /\bbw[a-z]?_(?:[0-9a-f]{32}_)?[\w-]{43}/g, 'bw')
]

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
  keys: [...MARKED, ...NAMED],
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
