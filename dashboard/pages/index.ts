import type { ComponentType } from 'preact'
import { Alerts } from './alerts/alerts.tsx'
import { Events } from './events/events.tsx'
import { Pipeline } from './pipeline/pipeline.tsx'
import { RunPage } from './pipeline/run-page.tsx'
import { Services } from './services/services.tsx'
import { Settings } from './settings/settings.tsx'
import { Start } from './start/start.tsx'

/** Pages that come when the first of them is opened, all in one file: the overview has what it needs without them. */
export const LATER_PAGES = { alerts: Alerts, events: Events, pipeline: Pipeline, run: RunPage, services: Services, settings: Settings, start: Start } satisfies Record<string, ComponentType>
