import type { DueQuestion, Settlement } from '../../../../schemas/outbox.ts'
import { acting } from '../access/acts.ts'
import { acknowledgedFirings, alertTotals, announcedIn, evidenceOf, getAlert, listAlerts, openAlerts, type AlertQuestion } from './alert-reads.ts'
import { applyAlerts, lastEvaluation } from './alerts.ts'
import { deliveryChannels, findChannel, insertChannel, listChannels, removeChannel, updateChannel } from '../outbox/channels.ts'
import type { ReadContext, WriteContext } from '../contexts.ts'
import { countEvents, countSteps, mayHoldReceived, newestReceived } from '../events/event-counts.ts'
import { fixChannels, type FixedChannels } from '../outbox/fixed-channels.ts'
import { getNotice, listNotices, outboxBacklog, type LedgerQuestion } from '../outbox/ledger.ts'
import {
  endMaintenance, endSilence, insertMaintenance, insertSilence, listMaintenances, listSilences,
  type MuteQuestion
} from './mutes.ts'
import { dueNotices, redeliverNotice, settleNotices } from '../outbox/outbox.ts'
import { listStates } from './rule-states.ts'
import { getRule, listRules, removeRule, ruleVersions, saveRule } from './rules.ts'
import { steady } from '../steady.ts'
import { shiftTimers, type TimerShift } from './timers.ts'

/** What a reader thread answers about rules, alerts, notices and channels. */
export const alertReads = {
  listRules: ({ db }: ReadContext, _: undefined) => listRules(db),
  getRule: ({ db }: ReadContext, id: string) => getRule(db, id),
  ruleVersions: ({ db }: ReadContext, args: { id: string, limit: number }) => ruleVersions(db, args),
  listStates: ({ db }: ReadContext, _: undefined) => listStates(db),
  listAlerts: ({ db }: ReadContext, question: AlertQuestion) => listAlerts(db, question),
  lastEvaluation: ({ db }: ReadContext, _: undefined) => lastEvaluation(db),
  openAlerts: ({ db }: ReadContext, _: undefined) => openAlerts(db),
  getAlert: ({ db }: ReadContext, id: string) => getAlert(db, id),
  evidenceOf: ({ db }: ReadContext, ids: readonly string[]) => evidenceOf(db, ids),
  acknowledgedFirings: ({ db }: ReadContext, args: { ruleId: string, from: number, to: number }) => acknowledgedFirings(db, args),
  alertTotals: ({ db }: ReadContext, range: { from: number, to: number }) => alertTotals(db, range),
  announcedIn: ({ db }: ReadContext, range: { from: number, to: number }) => announcedIn(db, range),
  dueNotices: ({ db }: ReadContext, question: DueQuestion) => dueNotices(db, question),
  listNotices: ({ db }: ReadContext, question: LedgerQuestion) => listNotices(db, question),
  getNotice: ({ db }: ReadContext, id: string) => getNotice(db, id),
  outboxBacklog: ({ db }: ReadContext, _: undefined) => outboxBacklog(db),
  listChannels: ({ db }: ReadContext, args: { all: boolean }) => listChannels(db, args),
  findChannel: ({ db }: ReadContext, idOrName: string) => findChannel(db, idOrName),
  deliveryChannels: ({ db }: ReadContext, _: undefined) => deliveryChannels(db),
  listSilences: ({ db }: ReadContext, question: MuteQuestion) => listSilences(db, question),
  listMaintenances: ({ db }: ReadContext, question: MuteQuestion) => listMaintenances(db, question),
  countEvents: steady(countEvents),
  countSteps: steady(countSteps),
  newestReceived: steady(newestReceived),
  mayHoldReceived
}

/** What the writer thread does for rules, alerts, notices and channels; each call is one transaction. */
export const alertWrites = {
  saveRule: acting(saveRule),
  removeRule: acting(removeRule),
  applyAlerts: acting(applyAlerts),
  settleNotices: (context: WriteContext, settlements: readonly Settlement[]) => settleNotices(context, settlements),
  redeliverNotice: acting(redeliverNotice),
  insertChannel: acting(insertChannel),
  updateChannel: acting(updateChannel),
  removeChannel: acting(removeChannel),
  fixChannels: (context: WriteContext, fixed: FixedChannels) => fixChannels(context, fixed),
  insertSilence: acting(insertSilence),
  endSilence: acting(endSilence),
  insertMaintenance: acting(insertMaintenance),
  endMaintenance: acting(endMaintenance),
  shiftTimers: (context: WriteContext, shift: TimerShift) => shiftTimers(context, shift)
}
