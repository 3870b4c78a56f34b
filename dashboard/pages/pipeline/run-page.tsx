import type { JSX } from 'preact'
import { RunView } from './pipeline.tsx'

/** The whole page of `bellwether run --dashboard`: the one run, and nobody to sign in. */
export function RunPage (): JSX.Element {
  return (
    <main class='run-page'>
      <h1><b>Bellwether</b> run</h1>
      <RunView />
    </main>
  )
}
