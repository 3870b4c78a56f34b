import { render } from 'preact'
import { followLinks } from './core/router.ts'
import { App } from './shell/app.tsx'

const root = document.getElementById('app')
if (root !== null) {
  followLinks(root)
  if (document.documentElement.dataset['run'] === undefined) render(<App />, root)
  else showRun(root)
}

/** What `bellwether run --dashboard` serves is the page of its run alone. */
function showRun (root: HTMLElement): void {
  import('./pages/index.ts').then(({ LATER_PAGES: { run: Run } }) => { render(<Run />, root) }, () => { location.reload() })
}
