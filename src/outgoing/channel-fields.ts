import type { ChannelPatch, ChannelSource, NewChannel } from '../../schemas/channel.ts'
import type { Fault } from '../core/errors.ts'
import { parseHosts } from '../core/net/host-list.ts'
import { textFault } from '../core/faults.ts'
import { judgeUrl, type Guard } from '../notify/guard.ts'
import { parseSecrets, SECRET_HINT } from '../notify/signature.ts'
import type { Config } from '../settings/config.ts'
import type { ChannelInsert } from '../store/hot/outbox/channels.ts'

/** A channel that a setting or the configuration file makes. */
export interface FixedChannel {
  id: string
  channel: NewChannel
  source: ChannelSource
}

/** The channel that the settings make, if they name one. */
export function settingChannels ({ webhookUrl, webhookSecret, webhookAckLinks }: Pick<Config, 'webhookUrl' | 'webhookSecret' | 'webhookAckLinks'>): FixedChannel[] {
  if (webhookUrl === undefined) return []
  const secret = webhookSecret === undefined ? {} : { secret: webhookSecret }
  return [{ id: 'default', channel: { name: 'default', kind: 'webhook', url: webhookUrl, ack_links: webhookAckLinks, ...secret }, source: { setting: 'WEBHOOK_URL' } }]
}

/** Says why the channel of the settings cannot be. */
export function settingFaults (config: Parameters<typeof settingChannels>[0] & { webhookAllow: readonly string[] }): Fault[] {
  const allow = parseHosts(config.webhookAllow, 'WEBHOOK_ALLOW')
  return settingChannels(config).flatMap(({ channel, source }) => faultsOf(channel, { allow }).map((fault) => placed(fault, source)))
}

/** Says what is wrong with the fields of a channel, before any name is looked up. */
export function faultsOf ({ name, url, secret }: ChannelPatch, { allow }: Pick<Guard, 'allow'>): Fault[] {
  const refusals = {
    '/name': name === undefined ? undefined : textFault(name),
    '/url': url === undefined ? undefined : judgeUrl(url, allow).refusal,
    '/secret': typeof secret === 'string' && parseSecrets(secret) === undefined ? SECRET_HINT : undefined
  }
  return Object.entries(refusals).flatMap(([path, message]) => message === undefined ? [] : [{ path, message }])
}

/** Puts a fault of a fixed channel where a person mends it. */
export function placed ({ path, message }: Fault, source: ChannelSource): Fault {
  if ('file' in source) return { path: `${source.file}:${source.line}`, message: `${path} ${message}` }
  return { path: path === '/secret' ? 'WEBHOOK_SECRET' : source.setting, message }
}

export function placeOf (source: ChannelSource): string {
  return 'file' in source ? `${source.file}, line ${source.line}` : source.setting
}

export function newFields ({ name, kind, url, secret, enabled = true, ack_links: ackLinks = true }: NewChannel): Pick<ChannelInsert, 'name' | 'kind' | 'url' | 'secret' | 'enabled' | 'ackLinks'> {
  return { name, kind, url, secret: secret ?? null, enabled, ackLinks }
}

/** What the store is to make of fixed channels: their fallbacks by id. */
export function fixedFields (fixed: readonly FixedChannel[]): Array<Omit<ChannelInsert, 'now'>> {
  const ids = new Map(fixed.map(({ id, channel }) => [channel.name, id]))
  return fixed.map(({ id, channel }) => ({ id, ...newFields(channel), fallback: ids.get(channel.fallback ?? '') ?? channel.fallback ?? null }))
}

/** The host and port of an address: of a chat's address, the path is its secret. */
export function hostOf (url: string): string {
  return new URL(url).host
}
