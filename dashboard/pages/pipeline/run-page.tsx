import type { JSX } from 'preact'
import type { Stats } from '../../../schemas/pipeline.ts'
import { get } from '../../core/api.ts'
import { useResource } from '../../core/resource.ts'
import { RunView } from './pipeline.tsx'

const EVERY_MS = 1_000

/** The whole page of `bellwether run --dashboard`: the one run, and nobody to sign in. */
export function RunPage (): JSX.Element {
  const stats = useResource('stats', (signal) => get<Stats>('/stats', {}, { signal }), { everyMs: EVERY_MS })
  return (
    <main class='run-page'>
      <h1><b>Bellwether</b> run</h1>
      <RunView of={stats} />
    </main>
  )
}
