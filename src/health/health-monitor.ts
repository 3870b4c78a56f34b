import type { Check, Health } from '../../schemas/health.ts'
import type { Clock } from '../core/clock.ts'
import { VERSION } from '../core/version.ts'

export type Phase = 'starting' | 'ready' | 'draining'

/** Judges one part; fast and without waiting, since health is asked often and under load. */
export type Probe = () => Check

const RANK = { ok: 0, degraded: 1, down: 2 } as const

/** Knows how the service is: the phase of its life and what each probe says. */
export class HealthMonitor {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #probes: Readonly<Record<string, Probe>>
  phase: Phase = 'starting'

  constructor (clock: Clock, probes: Readonly<Record<string, Probe>>) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#probes = probes
  }

  /** `full` adds the details, for those who are signed in. */
  report ({ full }: { full: boolean }): Health {
    const checks = Object.fromEntries(Object.entries(this.#probes).map(([name, probe]) => [name, probe()]))
    const status = worst(Object.values(checks))
    return {
      ok: status !== 'down',
      status,
      uptime_seconds: Math.floor((this.#clock.now() - this.#startedAt) / 1000),
      version: VERSION,
      checks: full ? checks : brief(checks)
    }
  }

  get isReady (): boolean {
    return this.phase === 'ready' && this.report({ full: false }).ok
  }
}

function worst (checks: Check[]): Check['status'] {
  return checks.reduce<Check['status']>((status, check) => RANK[check.status] > RANK[status] ? check.status : status, 'ok')
}

function brief (checks: Record<string, Check>): Record<string, Check> {
  return Object.fromEntries(Object.entries(checks).map(([name, { status }]) => [name, { status }]))
}
