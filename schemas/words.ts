// Closed sets of words without the shapes made of them: the threads of the store know the words, and load no library of shapes.

/** Levels of events in order of weight: the place in the list, counted from 1, is the number that is stored and compared. */
export const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const

export const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const

/** Levels of a rule, the lighter first. */
export const ALERT_LEVELS = ['warning', 'critical'] as const

/** How a rule compares a value with its limit. */
export const LIMIT_OPS = ['>', '>=', '<', '<='] as const

/** In order of what they may: each may all that those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

/** What an API token may; `admin` is everything. */
export const SCOPES = ['ingest', 'read', 'metrics', 'admin'] as const

export const CHANNEL_KINDS = ['webhook', 'telex', 'slack', 'discord', 'alertmanager'] as const

export const ACTOR_KINDS = ['user', 'token', 'command-line', 'channel'] as const

/** For how long the link of a notice acknowledges. */
export const ACK_CHOICES = ['1h', '4h', 'recovery'] as const

/** The channel that the canary goes through: no table and no answer has it. Neither a name in a file nor an id that is made can be this. */
export const CANARY_CHANNEL = '(canary)'

/** How a bar of a lane is judged. */
export const LANE_STATES = ['calm', 'warning', 'critical'] as const

/** What may have changed. */
export const CHANGE_KINDS = ['new', 'gone', 'more', 'less', 'deploy', 'restart', 'setting'] as const
