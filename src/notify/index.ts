import type { DeliveryChannel } from '../../schemas/channel.ts'
import { alertmanager } from './alertmanager.ts'
import { canary } from './canary.ts'
import { discord } from './discord.ts'
import type { Notifier } from './notifier.ts'
import { slack } from './slack.ts'
import { telex } from './telex.ts'
import { webhook } from './webhook.ts'

export const notifiers = { webhook, telex, slack, discord, alertmanager, canary } satisfies { [K in DeliveryChannel['kind']]: Notifier }
