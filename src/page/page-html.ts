export const THEMES = ['system', 'dark', 'light'] as const
export type Theme = typeof THEMES[number]

interface Parts {
  /** Names of the files that the page begins with. */
  script: string
  worker: string
  style: string
  theme: Theme
  variant: Variant
}

/** For whom a document is: somebody who is signed in as far as a cookie says (`known`), whoever looks at a run, or anybody else. */
export const VARIANTS = ['', 'known', 'run'] as const
type Variant = typeof VARIANTS[number]

/** The name of a document among the files of the page. */
export function documentName (theme: Theme, variant: Variant): string {
  return `${theme}${variant === '' ? '' : `-${variant}`}.html`
}

/** What is asked for at once by whoever is signed in, beside the script and not after it. */
const EARLY = '<link rel="preload" as="fetch" crossorigin href="/api/me">\n'
/** The shape of the page until its script draws it. */
const OUTLINE = `<div id="outline" class="shell" aria-hidden="true">
<div class="rail"><div class="brand"><div><b>Bellwether</b><span>is being read</span></div></div></div>
<div><div class="top"></div></div>
</div>
`

/** The document that every path of the page answers. Its theme and its outline are there before the first paint, without a script. */
export function pageHtml ({ script, worker, style, theme, variant }: Parts): string {
  const isKnown = variant === 'known'
  return `<!doctype html>
<html lang="en" data-theme="${theme}" data-stream-worker="/dashboard/assets/${worker}"${variant === '' ? '' : ` data-${variant}`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bellwether</title>
<link rel="icon" href="/logo.svg">
<link rel="stylesheet" href="/dashboard/assets/${style}">
<script type="module" src="/dashboard/assets/${script}"></script>
${isKnown ? EARLY : ''}</head>
<body>
<div id="app"></div>
${isKnown ? OUTLINE : ''}<noscript>This page needs JavaScript. Everything that it shows can be asked for over HTTP: see /docs.</noscript>
</body>
</html>
`
}
