import type { Probe } from './health-monitor.ts'
import { listDamaged } from '../store/hot/files/checks.ts'

/** Makes the probe that tells of damaged stores that were kept aside in `dataDir`: somebody may miss what they hold. */
export function damageProbe (dataDir: string): Probe {
  return () => {
    const damaged = listDamaged(dataDir)
    if (damaged.length === 0) return { status: 'ok', detail: 'no damaged store stands aside' }
    return { status: 'degraded', detail: `a damaged store stands aside as ${damaged.join(', ')}: recover what it holds, then move it away` }
  }
}
