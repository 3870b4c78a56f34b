import { ConfigChange, ConfigReplacement, ConfigView } from '../../schemas/settings.ts'
import type { App } from '../app-type.ts'
import { problems } from '../problems.ts'

export default async function config (app: App): Promise<void> {
  const { settings } = app.service
  const tags = ['config']
  const response = { 200: ConfigView, ...problems }

  for (const url of ['/config', '/api/config']) {
    app.get(url, {
      config: { access: 'read' }, schema: { tags, summary: 'Thresholds and run-time settings, and where each comes from', response }
    }, async () => settings.view())

    app.put(url, {
      config: { access: 'operator' }, schema: { tags, summary: 'Set all thresholds, and the settings that are named', body: ConfigReplacement, response }
    }, ({ body, caller, ip }) => settings.change(body, { caller, from: ip }))

    app.patch(url, {
      config: { access: 'operator' }, schema: { tags, summary: 'Change the thresholds and settings that are named; retention needs the role admin', body: ConfigChange, response }
    }, ({ body, caller, ip }) => settings.change(body, { caller, from: ip }))
  }
}
