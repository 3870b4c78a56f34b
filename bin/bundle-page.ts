import { pino } from 'pino'
import { openPage } from '../src/page/page-bundle.ts'

// For an image: a service that may not write beside its code finds the page made.
await openPage({ log: pino() })()
