import type { Rule } from '../../schemas/rule.ts'

/** Lists the channels that a rule names for any of its levels, by name or id, each once. */
export function namedChannels ({ levels, channels }: Rule): string[] {
  return [...new Set([...channels, ...(levels.warning?.channels ?? []), ...(levels.critical?.channels ?? [])])]
}
