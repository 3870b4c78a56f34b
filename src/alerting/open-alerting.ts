import type { Logger } from 'pino'
import type { Collected } from '../../schemas/sample.ts'
import { AckLinks } from './ack-links.ts'
import { AlertBook } from './alert-book.ts'
import { canaryDeadlineMsOf } from '../rules/built-in.ts'
import { Alerts } from './alerts.ts'
import { Announcer } from './announcer.ts'
import type { Audit } from '../access/audit.ts'
import type { AckTokens } from '../outgoing/ack-tokens.ts'
import type { Channels } from '../outgoing/channels.ts'
import type { Clock } from '../core/clock.ts'
import type { ClosingStack } from '../core/closing-stack.ts'
import type { Delivery } from '../outgoing/delivery.ts'
import type { Intake } from '../events/intake.ts'
import type { ClockStep, ClockWatch } from '../time/clock-watch.ts'
import type { Config } from '../settings/config.ts'
import type { ConfigFile } from '../settings/config-file.ts'
import { Evaluator } from './evaluator.ts'
import { Evidence } from './evidence.ts'
import { Measurements } from './measurements.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { keepListening, listenFrom } from './listening.ts'
import { MissedTicks } from './missed-ticks.ts'
import { MuteBook } from './mute-book.ts'
import type { OwnAddress } from '../outgoing/own-address.ts'
import { RuleBook } from './rule-book.ts'
import type { ConfigReload } from '../settings/config-reload.ts'
import { Replays } from './replays.ts'
import type { RunTimeSettings } from '../settings/run-time-settings.ts'
import { Silences } from './silences.ts'
import type { Store } from '../store/store.ts'
import type { Sampler } from '../numbers/sampler.ts'

interface Parts {
  store: Store
  clock: Clock
  clockWatch: ClockWatch
  log: Logger
  config: Pick<Config, 'evaluateIntervalMs' | 'queryTimeoutMs' | 'canaryIntervalMs'>
  file: ConfigFile
  audit: Audit
  metrics: Metrics
  settings: RunTimeSettings
  sampler: Pick<Sampler, 'busiest' | 'collect'>
  channels: Pick<Channels, 'idsOf' | 'unknownOf' | 'nameOf' | 'everyId' | 'takesAcks'>
  ackTokens: AckTokens
  own: Pick<OwnAddress, 'url'>
  delivery: Pick<Delivery, 'wake'>
  intake: Pick<Intake, 'onStored'>
  reload: Pick<ConfigReload, 'onRead'>
  closing: ClosingStack
}

/** What decides that something is wrong, and that somebody is told. */
export interface Alerting {
  rules: RuleBook
  evaluator: Evaluator
  alerts: Alerts
  ackLinks: AckLinks
  silences: Silences
  replays: Replays
  /** Looks now, and judges what was seen; tells the alerts that it raised. */
  collect: () => Promise<Collected>
}

/** Opens what is stored of rules and alerts, and begins to evaluate. */
export async function openAlerting (parts: Parts): Promise<Alerting> {
  const { store, clock, clockWatch, log, config, file, audit, metrics, settings, sampler, channels, ackTokens, own, delivery, intake, reload, closing } = parts
  const { evaluateIntervalMs: intervalMs, queryTimeoutMs: timeoutMs } = config
  const unknownChannels = (names: readonly string[]): string[] => channels.unknownOf(names)
  const rules = await RuleBook.open({ store, clock, audit, settings, intervalMs, canaryDeadlineMs: canaryDeadlineMsOf(config), fileRules: file.rules, unknownChannels })
  const book = await AlertBook.open(store)
  const mutes = await MuteBook.open({ store, log, clock, file })
  const previousAt = await store.read('lastEvaluation', undefined)
  await moveWithClock({ store, clockWatch, log, book, mutes, delivery })

  const listensFrom = await keepListening(store, previousAt, clock.now())
  const measurements = new Measurements({ store, clock, log, timeoutMs, previousAt, listensFrom })
  intake.onStored((events, { isImport }) => {
    clockWatch.observe()
    if (!isImport) measurements.count(events)
  })
  const evidence = new Evidence({ store, sampler, log, startedAt: clock.now() })
  const announcer = new Announcer({ store, log, book, rules, mutes, evidence, channels, own, onNotices: () => delivery.wake() })
  const missed = new MissedTicks({ store, log, book, intervalMs, timeoutMs })
  const evaluator = closing.keep(await Evaluator.start({ clock, clockWatch, log, metrics, rules, measurements, book, announcer, missed, intervalMs, previousAt }))
  const alerts = new Alerts({ store, clock, audit, book, rules, announcer, channels, own })
  const ackLinks = new AckLinks({ store, clock, ackTokens, channels, alerts })
  const silences = new Silences({ store, clock, audit, mutes, rules, evaluate: () => evaluator.evaluateNow() })
  const replays = new Replays({ store, clock, timeoutMs, intervalMs, ruleOf: (id) => rules.known(id)?.rule })
  reload.onRead(async (said) => {
    await rules.fix(said.rules)
    mutes.fix(said.silences)
  })
  const collect = async (): Promise<Collected> => {
    const collected = await sampler.collect()
    await evaluator.evaluateNow()
    return { ...collected, alerts: alerts.firingSince(Date.parse(collected.time)) }
  }
  return { rules, evaluator, alerts, ackLinks, silences, replays, collect }
}

/** Moves what is waited for along with a clock that is set: before the start now, later as it happens. */
async function moveWithClock ({ store, clockWatch, log, book, mutes, delivery }: Pick<Parts, 'store' | 'clockWatch' | 'log' | 'delivery'> & { book: AlertBook, mutes: MuteBook }): Promise<void> {
  const moveAlong = async (step: ClockStep): Promise<void> => {
    await book.shift(step)
    await mutes.load()
    await listenFrom(store, step.at)
    delivery.wake()
  }
  if (clockWatch.beforeStart !== undefined) await moveAlong(clockWatch.beforeStart)
  clockWatch.onStep((step) => {
    moveAlong(step).catch((error: unknown) => log.error({ err: error }, 'what is waited for could not be moved along with the clock'))
  })
}
