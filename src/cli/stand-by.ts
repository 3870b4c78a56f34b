import { buildWaitingRoom } from '../../plugins/waiting-room.ts'
import { DamageNotice } from './damage-notice.ts'
import { endSignal } from './end-signal.ts'
import { HealthMonitor } from '../health/health-monitor.ts'
import { listenOn } from './listen.ts'
import type { ServiceParts } from '../service.ts'
import { openDamage, WAYS_ON, type DamagedStore } from '../store/hot/files/damage.ts'
import { PeriodicTask } from '../core/periodic-task.ts'
import { VERSION } from '../core/version.ts'

const LOOK_EVERY_MS = 1_000

/**
 * Answers in the place of a service whose store is damaged: not ready, and everything refused for now, so that senders keep what they
 * have and nobody registers into an empty store. Returns the port once a store stands there again, undefined when it was asked to end.
 */
export async function standBy ({ file, damage, message }: DamagedStore, parts: ServiceParts, terminalGone: Promise<string>): Promise<number | undefined> {
  const { config, clock, log } = parts
  const reason = `the store is damaged: ${damage.reason}; ${WAYS_ON}`
  const health = new HealthMonitor(clock, { store: () => ({ status: 'down', detail: reason }) })
  const app = await buildWaitingRoom({ log, health, reason })
  const { url, port } = await listenOn(app, config)
  const notice = new DamageNotice({ ...parts, damage: { file, ...damage }, reason, baseUrl: config.baseUrl ?? url })
  log.error({ reason: damage.reason, keptAs: damage.keptAs }, `the store is damaged, and nothing is taken until an operator says how to go on: ${WAYS_ON}`)
  process.stdout.write(`bellwether ${VERSION}\n  address    ${url}\n  NOT READY  ${message}\n`)
  const end = new AbortController()
  const mended = Promise.withResolvers<'mended'>()
  const looks = new PeriodicTask({ everyMs: LOOK_EVERY_MS, againMs: LOOK_EVERY_MS, now: clock.now, task: async () => { if (openDamage(file) === undefined) mended.resolve('mended') } })
  try {
    const how = await Promise.race([mended.promise, endSignal(end.signal), terminalGone])
    log.info({ how }, how === 'mended' ? 'the store stands again: starting' : 'stopping')
    return how === 'mended' ? port : undefined
  } finally {
    end.abort()
    await Promise.all([looks.close(), notice.close(), app.close()])
  }
}
