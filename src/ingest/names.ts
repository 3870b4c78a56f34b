import { pointerStep } from '../core/faults.ts'
import { isFields, type Fields } from './fields.ts'

/** The parts of an event that have several names, as places in `Draft.found`. */
export const PARTS = { message: 0, time: 1, level: 2, service: 3, type: 4, host: 5, traceId: 6, eventId: 7, id: 8, meta: 9 } as const
export type Part = typeof PARTS[keyof typeof PARTS]

/**
 * How sure a name is. `own` names are ours and documented. `usual` ones are of one format alone, or mean the same everywhere.
 * `loose` ones mean other things elsewhere: what they hold is kept in meta whether it was used or not, and is never noted.
 */
type Kind = 'own' | 'usual' | 'loose'

/** One name of a part: of a field at the top, or of a field inside an object there. */
export interface Name {
  /** As it is written in the lists, with a dot before an inner name. */
  readonly text: string
  readonly outer: string
  readonly inner: string | undefined
  /** A JSON pointer. */
  readonly path: string
  readonly kind: Kind
  readonly rank: number
}

/** What a field of the input may stand for. */
export interface Meaning {
  readonly part: Part
  readonly name: Name
}

/** All meanings of one name at the top. */
export interface Known {
  /** Of the value itself. */
  own: Meaning | undefined
  /** Of what is inside of the value, when that is an object. */
  readonly inner: Map<string, Meaning[]>
}

const KNOWN = new Map<string, Known>()

function knownOf (outer: string): Known {
  const known = KNOWN.get(outer) ?? { own: undefined, inner: new Map<string, Meaning[]>() }
  KNOWN.set(outer, known)
  return known
}

function addOwn (part: Part, text: string, kind: Kind, rank: number): void {
  knownOf(text).own ??= { part, name: { text, outer: text, inner: undefined, path: pointerStep(text), kind, rank } }
}

/** A dotted name is that of a field at the top, and of one inside an object: the Elastic Common Schema is written both ways. */
function add (part: Part, text: string, kind: Kind, rank: number): void {
  addOwn(part, text, kind, rank)
  const dot = text.indexOf('.')
  if (dot < 1) return
  const [outer, inner] = [text.slice(0, dot), text.slice(dot + 1)]
  const { inner: inside } = knownOf(outer)
  const name: Name = { text, outer, inner, path: pointerStep(outer) + pointerStep(inner), kind, rank }
  inside.set(inner, [...inside.get(inner) ?? [], { part, name }])
}

type Names = readonly [Kind, string]

/** Names that mean the same, the first that is understood wins. */
function define (part: Part, ...lists: Names[]): void {
  let rank = 0
  for (const [kind, names] of lists) {
    for (const text of names.split(' ')) add(part, text, kind, rank++)
  }
}

define(PARTS.message,
  ['own', 'message msg log body'],
  // Journald, GELF, CLEF, winston's logstash, Google Cloud, Rust's tracing, loguru, .NET, macOS.
  ['usual', 'MESSAGE short_message @m @mt @message textPayload jsonPayload.message jsonPayload.msg jsonPayload fields.message record.message'],
  ['usual', 'log.message log.msg body.stringValue Message RenderedMessage MessageTemplate eventMessage'],
  ['loose', 'full_message'],
  // structlog; what else tells of a failure; what log4js, consola and older tslog put their arguments in.
  ['usual', 'event'],
  ['loose', 'error.message err.message data args 0'])

define(PARTS.time,
  ['own', 'time timestamp @timestamp ts'],
  ['usual', '@t Timestamp datetime asctime eventTime event_time time_iso8601 time_local timeUnixNano timeMillis'],
  ['usual', 'observedTimeUnixNano observed_time_unix_nano ObservedTimestamp'],
  ['usual', '_SOURCE_REALTIME_TIMESTAMP __REALTIME_TIMESTAMP _logMeta.date _meta.date record.time log.time'],
  ['loose', 't instant created date startTime'])

define(PARTS.level,
  ['own', 'level severity lvl levelname'],
  ['usual', 'log.level log_level loglevel logLevel level_name levelName severityText severity_text SeverityText error_severity @l @level _logLevel'],
  ['usual', 'Level LogLevel Severity log.severity context.logLevel @fields.level record.level _meta.logLevelName _logMeta.logLevelName'],
  ['usual', 'severityNumber severity_number SeverityNumber levelno PRIORITY syslog.severity syslog_severity'],
  ['loose', 'fields.level messageType priority s'])

define(PARTS.service,
  ['own', 'service service.name'],
  ['usual', 'service_name serviceName'],
  ['own', 'app'],
  ['usual', 'app_name appName app.name application @fields.service SYSLOG_IDENTIFIER syslog_identifier programname _SYSTEMD_UNIT'],
  ['usual', 'container_name kubernetes.container_name'],
  ['own', 'logger'],
  ['usual', 'logger_name loggerName categoryName Category SourceContext Properties.SourceContext log.logger record.name _logMeta.name _meta.name'],
  ['usual', '@module context.package'],
  ['loose', 'name channel tag context target'])

define(PARTS.type, ['own', 'type'])

define(PARTS.host,
  ['own', 'host host.name hostname'],
  ['usual', 'host.hostname host_name hostName _HOSTNAME MachineName _logMeta.hostname _meta.hostname kubernetes.host'])

define(PARTS.traceId,
  ['own', 'trace_id traceId'],
  ['usual', 'trace.id traceID TraceId otelTraceID dd.trace_id logging.googleapis.com/trace'])

define(PARTS.eventId, ['own', 'event_id'])
define(PARTS.id, ['own', 'id'])
define(PARTS.meta, ['own', 'meta'])

/** The names of ours that a message may have, for a person who has to choose one. */
export const MESSAGE_NAMES = ['message', 'msg', 'log', 'body'] as const

export function knownName (name: string): Known | undefined {
  return KNOWN.get(name)
}

/** Gives the value that a name found in `input` stands for. */
export function valueAt (input: Fields, { outer, inner }: Name): unknown {
  const value = input[outer]
  return inner === undefined || !isFields(value) ? value : value[inner]
}
