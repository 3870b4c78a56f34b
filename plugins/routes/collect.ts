import { Collected } from '../../schemas/sample.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'

export default async function collect (app: App): Promise<void> {
  app.post('/api/collect-metrics', {
    config: { access: 'operator' },
    schema: { tags: ['numbers'], summary: 'Look at the host and the service now, store what was seen, and judge it', response: { 200: Collected, ...problems } }
  }, () => app.service.collect())
}
