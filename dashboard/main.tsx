import { render } from 'preact'
import { followLinks } from './core/router.ts'
import { App } from './shell/app.tsx'

const root = document.getElementById('app')
if (root !== null) {
  followLinks(root)
  render(<App />, root)
}
