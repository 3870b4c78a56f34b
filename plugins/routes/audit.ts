import { AuditPage, AuditQuery } from '../../schemas/audit.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'

export default async function audit (app: App): Promise<void> {
  app.get('/audit', {
    config: { access: 'admin' },
    schema: { tags: ['people'], summary: 'Who did what, when and from where, newest first', querystring: AuditQuery, response: { 200: AuditPage, ...problems } }
  }, (request) => app.service.audit.list(request.query))
}
