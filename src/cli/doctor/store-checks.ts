import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { lookAtStore } from '../../store/hot/files/checks.ts'
import { readMarks } from '../../store/hot/files/marker.ts'
import { FILE_NAME } from '../../store/hot/files/place.ts'
import { parseHosts } from '../../core/net/host-list.ts'
import { judgeUrl } from '../../notify/guard.ts'
import { settingChannels } from '../../outgoing/channel-fields.ts'
import type { Config } from '../../settings/config.ts'
import type { ConfigFile } from '../../settings/config-file.ts'
import { withReads } from '../../store/hot/offline.ts'
import { fail, ok, warn, type Finding } from './finding.ts'

/** Whether the store opens, passes its check, and is as new as the marker beside it says. */
export async function checkStore (dataDir: string): Promise<Finding[]> {
  if (!existsSync(dataDir)) return [ok('store', 'there is none yet: the first start makes it')]
  const { file, isNew, fault, damaged } = await lookAtStore(dataDir)
  const kept = damaged.length === 0 ? [] : [warn('store', `${damaged.length} damaged stores stand aside (${damaged.join(', ')}): bellwether recover reads them; move them away when nothing of them is missed`)]
  if (fault !== undefined) return [fail('store', `${file} is damaged: ${fault}; run bellwether recover, restore a backup into an empty folder, or start with --accept-empty`), ...kept]
  if (isNew) return [ok('store', 'there is none yet: the first start makes it'), ...kept]
  const marker = readMarks(file) === undefined
    ? warn('marker', `beside ${file} is no marker that can be relied on: an older copy in its place would not be noticed; the next start writes it`)
    : ok('marker', 'the store is as new as its marker says')
  return [ok('store', `${file} opens and passes its check, with ${Math.round(statSync(file).size / 1_048_576)} MB`), marker, ...kept]
}

/** Whether the addresses of all channels may be sent to, before any name is looked up; those of the store when it can be read. */
export async function checkChannels (config: Config, file: ConfigFile, isSound: boolean): Promise<Finding[]> {
  const allow = parseHosts(config.webhookAllow, 'WEBHOOK_ALLOW')
  const stored = isSound && hasStore(config.dataDir) ? await withReads(config.dataDir, (store) => store.read('listChannels', { all: false })) : []
  const fixed = [...settingChannels(config), ...file.channels].map(({ channel }) => ({ name: channel.name, url: channel.url, enabled: channel.enabled ?? true }))
  const channels = new Map([...stored, ...fixed].map(({ name, url, enabled }) => [name, { url, enabled }]))
  const wrong = [...channels].flatMap(([name, { url }]) => {
    const { refusal } = judgeUrl(url, allow)
    return refusal === undefined ? [] : [fail('channels', `the address of channel ${name} ${refusal}`)]
  })
  if (wrong.length > 0) return wrong
  if ([...channels.values()].every(({ enabled }) => !enabled)) return [warn('channels', 'nobody is told of alerts: set WEBHOOK_URL, or make a channel')]
  return [ok('channels', `${channels.size} with addresses that may be sent to`)]
}

function hasStore (dataDir: string): boolean {
  return (statSync(join(dataDir, FILE_NAME), { throwIfNoEntry: false })?.size ?? 0) > 0
}
