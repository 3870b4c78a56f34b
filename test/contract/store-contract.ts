import { test } from 'tap'
import { alertGroup } from './alerting.ts'
import { appendGroup } from './appending.ts'
import { canaryGroup } from './canary.ts'
import type { OpenStore } from './given.ts'
import { lookupGroup } from './lookup.ts'
import { manyEventsGroup } from './many-events.ts'
import { outboxGroup } from './outbox.ts'
import { queryGroup } from './queries.ts'
import { receivedGroup } from './received.ts'
import { proveReopening } from './reopening.ts'
import { retentionGroup } from './retention.ts'
import { samplesGroup } from './samples.ts'
import { seriesValuesGroup } from './series-values.ts'
import { testFolder } from '../support/test-folder.ts'

const GROUPS = {
  'what is appended': appendGroup,
  'what is queried': queryGroup,
  'what is looked up': lookupGroup,
  'what is searched in steps': manyEventsGroup,
  'what is retained': retentionGroup,
  'what is measured': samplesGroup,
  'what rules on series look at': seriesValuesGroup,
  'what rules count': receivedGroup,
  'rules and alerts': alertGroup,
  'the outbox and its channels': outboxGroup,
  'the canary in the outbox': canaryGroup
}

/** Proves that an implementation of Store does what all others do. */
export function storeContract (name: string, open: OpenStore): void {
  test(`${name} keeps everything over a reopening`, (t) => proveReopening(t, open))
  for (const [title, { partitionBytes, given, cases }] of Object.entries(GROUPS)) {
    test(`${name}: ${title}`, async (t) => {
      const store = await open(t, { dataDir: testFolder(t), partitionBytes })
      await given?.(store)
      for (const [title, prove] of Object.entries(cases)) await t.test(title, (t) => prove(t, store))
    })
  }
}
