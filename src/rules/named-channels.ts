import type { Rule } from '../../schemas/rule.ts'

/** Lists the channels that a rule names, for any of its levels or for when nobody acknowledges, by name or id, each once. */
export function namedChannels ({ levels, channels, escalate }: Rule): string[] {
  return [...new Set([...channels, ...(levels.warning?.channels ?? []), ...(levels.critical?.channels ?? []), ...(escalate?.channels ?? [])])]
}
