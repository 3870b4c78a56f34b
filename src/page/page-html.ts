export const THEMES = ['system', 'dark', 'light'] as const
export type Theme = typeof THEMES[number]

interface Parts {
  /** Names of the files that the page begins with. */
  script: string
  worker: string
  style: string
  theme: Theme
}

/** The document that every path of the page answers. Its theme is there before the first paint, without a script. */
export function pageHtml ({ script, worker, style, theme }: Parts): string {
  return `<!doctype html>
<html lang="en" data-theme="${theme}" data-stream-worker="/dashboard/assets/${worker}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bellwether</title>
<link rel="icon" href="/logo.svg">
<link rel="stylesheet" href="/dashboard/assets/${style}">
<script type="module" src="/dashboard/assets/${script}"></script>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. Everything that it shows can be asked for over HTTP: see /docs.</noscript>
</body>
</html>
`
}
