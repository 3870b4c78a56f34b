import { Collected } from '../../schemas/sample.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'

export default async function collect (app: App): Promise<void> {
  app.post('/api/collect-metrics', {
    config: { access: 'operator' },
    schema: { tags: ['numbers'], summary: 'Look at the host and the service now, and store what was seen', response: { 200: Collected, ...problems } }
  }, () => app.service.watch.collect())
}
