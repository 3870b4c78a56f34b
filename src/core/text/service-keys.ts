/** What a secret looks like. */
export interface SecretMark {
  kind: string
  expression: RegExp
  /** A text without any of these has none, in any case of letters. */
  hints: readonly string[]
}

function key (kind: string, expression: RegExp, ...hints: string[]): SecretMark {
  return { kind, expression, hints }
}

/** Keys of well-known services: their own marks make them sure. Each expression is global, and linear in the text. */
export const SERVICE_KEYS: readonly SecretMark[] = [
  key('aws', /\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}\b/g, 'akia', 'asia', 'agpa', 'aida', 'aroa', 'anpa'),
  key('github', /\b(?:gh[opsur]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/g, 'gh', 'github_pat_'),
  key('gitlab', /\bgl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas|ffct)-[\w-]{16,100}/g, 'gl'),
  key('slack', /\bxox[abeoprs](?:\.xox[bp])?-[\w-]{10,250}|\bxapp-[\w-]{10,250}/g, 'xox', 'xapp-'),
  key('slack', /https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/]{10,200}/g, 'hooks.slack.com'),
  key('discord', /https:\/\/(?:\w{1,20}\.)?discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{5,25}\/[\w-]{20,100}/g, 'webhooks/'),
  key('discord', /\b[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}\b/g, '.'),
  key('teams', /https:\/\/[\w.-]{1,100}\.webhook\.office\.com\/[\w/@.-]{20,300}/g, 'webhook.office.com'),
  key('stripe', /\b(?:[srp]k|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,250}/g, 'k_', 'whsec_'),
  key('google', /\bAIza[\w-]{35}/g, 'aiza'),
  key('google', /\bya29\.[\w-]{20,1000}|\bGOCSPX-[\w-]{20,40}|\b1\/\/0[\w-]{30,200}/g, 'ya29.', 'gocspx-', '1//0'),
  key('npm', /\bnpm_[A-Za-z0-9]{20,100}/g, 'npm_'),
  key('pypi', /\bpypi-[\w-]{16,300}/g, 'pypi-'),
  key('rubygems', /\brubygems_[a-f0-9]{32,64}/g, 'rubygems_'),
  key('docker', /\bdckr_[a-z]{3}_[\w-]{16,100}/g, 'dckr_'),
  key('sendgrid', /\bSG\.[\w-]{16,32}\.[\w-]{30,64}/g, 'sg.'),
  key('twilio', /\b(?:SK|AC)[a-f0-9]{32}\b/g, 'sk', 'ac'),
  key('mailgun', /\bkey-[a-f0-9]{32}\b/g, 'key-'),
  key('mailchimp', /\b[a-f0-9]{32}-us\d{1,2}\b/g, '-us'),
  key('digitalocean', /\bdo[opr]_v1_[a-f0-9]{40,80}/g, '_v1_'),
  key('shopify', /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g, 'shp'),
  key('square', /\bsq0[a-z]{3}-[\w-]{20,60}|\bEAAA[\w-]{50,80}/g, 'sq0', 'eaaa'),
  key('facebook', /\bEAA[A-Za-z0-9]{60,300}/g, 'eaa'),
  key('telegram', /\b\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])/g, ':aa'),
  key('anthropic', /\bsk-ant-[\w-]{20,200}/g, 'sk-ant-'),
  key('openai', /\bsk-(?=[\w-]{0,200}\d)[\w-]{20,250}/g, 'sk-'),
  key('huggingface', /\bhf_[A-Za-z0-9]{30,60}/g, 'hf_'),
  key('databricks', /\bdapi[a-f0-9]{32}(?:-\d)?\b/g, 'dapi'),
  key('dropbox', /\bsl\.[\w-]{60,1500}/g, 'sl.'),
  key('atlassian', /\bATATT3[\w=-]{60,250}|\bATCTT3[\w=-]{60,250}/g, 'atatt3', 'atctt3'),
  key('postman', /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}/g, 'pmak-'),
  key('doppler', /\bdp\.[a-z]{2,5}\.[\w.-]{20,100}/g, 'dp.'),
  key('vault', /\bhv[sbr]\.[\w-]{20,300}/g, 'hvs.', 'hvb.', 'hvr.'),
  key('terraform', /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,100}/g, '.atlasv1.'),
  key('newrelic', /\bNR(?:AK|JS|II|RA|AL)-[\w-]{16,60}/g, 'nr'),
  key('grafana', /\bgl(?:c|sa)_[\w+/=-]{20,400}/g, 'glc_', 'glsa_'),
  key('sentry', /\bsntry[su]_[\w+/=-]{20,400}/g, 'sntry'),
  key('linear', /\blin_(?:api|oauth)_[A-Za-z0-9]{20,80}/g, 'lin_'),
  key('notion', /\b(?:ntn_|secret_)[A-Za-z0-9]{30,60}/g, 'ntn_', 'secret_'),
  key('figma', /\bfig[dou]r?_[\w-]{20,80}/g, 'fig'),
  key('airtable', /\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}/g, 'pat'),
  key('planetscale', /\bpscale_(?:pw|tkn|oauth)_[\w.=-]{20,80}/g, 'pscale_'),
  key('supabase', /\bsb(?:p|_secret)_[\w-]{20,80}/g, 'sbp_', 'sb_secret_'),
  key('hubspot', /\bpat-(?:na|eu)\d-[a-f0-9-]{36}/g, 'pat-'),
  key('heroku', /\bHRKU-[\w-]{36,80}/g, 'hrku-'),
  key('pulumi', /\bpul-[a-f0-9]{40}/g, 'pul-'),
  key('dynatrace', /\bdt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}/g, 'dt0'),
  key('contentful', /\bCFPAT-[\w-]{43}/g, 'cfpat-'),
  key('buildkite', /\bbk(?:ua|at)_[a-f0-9]{40}/g, 'bkua_', 'bkat_'),
  key('circleci', /\bCCI(?:PAT|PRJ)_[\w-]{20,100}/g, 'ccipat_', 'cciprj_'),
  key('fly', /\bfm[12][a-z]?_[\w+/=-]{40,1000}/g, 'fm1', 'fm2'),
  key('replicate', /\br8_[A-Za-z0-9]{37}/g, 'r8_'),
  key('tailscale', /\btskey-[a-z]{3,12}-[\w-]{16,100}/g, 'tskey-'),
  key('groq', /\bgsk_[A-Za-z0-9]{40,80}/g, 'gsk_'),
  key('perplexity', /\bpplx-[A-Za-z0-9]{40,80}/g, 'pplx-'),
  key('xai', /\bxai-[A-Za-z0-9]{60,100}/g, 'xai-'),
  key('brevo', /\bxkeysib-[a-f0-9]{64}-\w{16}/g, 'xkeysib-'),
  key('typeform', /\btfp_[\w-]{40,80}/g, 'tfp_'),
  key('netlify', /\bnfp_[A-Za-z0-9]{30,60}/g, 'nfp_'),
  key('age', /\bAGE-SECRET-KEY-1[A-Z0-9]{20,80}/g, 'age-secret-key-1'),
  key('bellwether', /\bbw[a-z]?_(?:[0-9a-f]{32}_)?[\w-]{43}/g, 'bw')
]
