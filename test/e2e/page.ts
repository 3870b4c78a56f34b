import { parseArgs } from 'node:util'
import { seeded, type Case } from './case.ts'
import { accessibility } from './page/accessibility.ts'
import { ackLink } from './page/ack-link.ts'
import { alertActs } from './page/alert.ts'
import { filter } from './page/filter.ts'
import { firstRun, phones } from './page/first-run.ts'
import { hostileText } from './page/hostile.ts'
import { incident } from './page/incident.ts'
import { keys } from './page/keys.ts'
import { limit } from './page/limit.ts'
import { endedSession, restart, tabs } from './page/live.ts'
import { pipeline } from './page/pipeline.ts'
import { reading } from './page/reading.ts'
import { sampleData } from './page/sample-data.ts'
import { refused } from './page/refused.ts'
import { sessions } from './page/sessions.ts'
import { shots } from './page/shots.ts'
import { states } from './page/states.ts'
import { viewer } from './page/viewer.ts'
import { zoom } from './page/zoom.ts'
import { casesNamed, runCases } from './run-cases.ts'

const SEED = 2026

const CASES: readonly Case[] = [
  { name: 'FIRST', title: 'from nobody to the first event, with the command that the page prints', run: firstRun },
  { name: 'REFUSED', title: 'after twenty seconds without an event the first run tells what was refused', run: refused },
  { name: 'INCIDENT', title: 'an alert out of real events: from the verdict to its events in one click', run: incident },
  { name: 'ALERT', title: 'acknowledged and silenced, from the list and from its page, with who did it', run: alertActs },
  { name: 'LIMIT', title: 'a limit moved by mouse and by keyboard, and saved', run: limit },
  { name: 'FILTER', title: 'chips and text are one thing, the brush narrows, Back and Forward restore, a link shows the same', run: filter },
  { name: 'LIVE', title: 'nothing moves while somebody reads, and what waits is shown once', run: reading },
  { name: 'STATES', title: 'what cannot be read is told in its own place, with the request and Retry; what is old says how old', run: states },
  { name: 'VIEWER', title: 'who may only read is offered nothing else, and refused anyway', run: viewer },
  { name: 'KEYS', title: 'no mouse, from the overview to an alert that is silenced; every key on the pages where it means something', run: keys },
  { name: 'ZOOM', title: 'at 400 % and with spaced text nothing is lost', run: zoom },
  { name: 'HOSTILE', title: 'hostile text is shown as it is, and nothing of it runs', run: hostileText },
  { name: 'NARROW', title: 'no page scrolls sideways at 320 px', run: phones },
  { name: 'ENDED', title: 'a session that ends elsewhere ends here, and goes on after signing in', run: endedSession },
  { name: 'SESSIONS', title: 'an admin signs somebody out, who sees it; a token tells who made it and how it begins', run: sessions },
  { name: 'RESTART', title: 'a page that is open finds its way back with what it missed, once', run: restart },
  { name: 'TABS', title: 'eight tabs of a browser share one stream, and all are usable', run: tabs },
  { name: 'LINK', title: 'the link of a notice acknowledges on a phone that never signed in, without a script', run: ackLink },
  { name: 'SAMPLE', title: 'sample data is loaded from the first page, marked, and removed again', run: sampleData },
  { name: 'PIPELINE', title: 'a pipeline is tried, set and seen; a run of the command line serves the same page', run: pipeline },
  { name: 'AXE', title: 'axe finds nothing on any page, theme and width', run: accessibility }
]

const { values, positionals } = parseArgs({ options: { shots: { type: 'string' } }, allowPositionals: true })
if (values.shots === undefined) await runCases(casesNamed(CASES, positionals), () => ({ isShort: true, random: seeded(SEED) }))
else await shots(values.shots)
