import type { DeliveryChannel } from '../../../schemas/channel.ts'

/** After so many failed attempts in a row a channel is broken: by the table of retries, 20 seconds after the first one. */
const BROKEN_AFTER = 3

export function isBroken ({ failures }: Pick<DeliveryChannel, 'failures'>): boolean {
  return failures >= BROKEN_AFTER
}

export type Channels = ReadonlyMap<string, DeliveryChannel>

/**
 * Lists the channels that may take what waits for `channel` now, the best first: itself; then its fallback while it is broken
 * or switched off. A broken channel that is not held comes first too, which is how it is found to be well again.
 */
export function routesOf (channel: DeliveryChannel, channels: Channels, now: number): DeliveryChannel[] {
  const fallback = isBroken(channel) || !channel.enabled ? fallbackOf(channel, channels) : undefined
  return [channel, fallback].filter((route) => route !== undefined).filter(({ enabled, heldUntil }) => enabled && heldUntil <= now)
}

/** The fallback of a channel, where there is one that is switched on. */
export function fallbackOf (channel: DeliveryChannel, channels: Channels): DeliveryChannel | undefined {
  const fallback = channel.fallback === null ? undefined : channels.get(channel.fallback)
  return fallback?.enabled === true && fallback.id !== channel.id ? fallback : undefined
}
