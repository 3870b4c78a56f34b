import { MARK } from './level-words.ts'

/** Which program wrote a line, on which machine. */
export interface Source {
  service: string | undefined
  host: string | undefined
}

const TIME = String.raw`(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,25})`
const HOST = String.raw`(?<host>[\w.:-]{1,255})`
const NAME = String.raw`(?<service>[\w@./-]{1,128})`

/** Only where nothing else can be meant: by a header of syslog, or a process id beside the name. Elsewhere a name may be that of a thread, a class or a file. */
const SOURCES: readonly RegExp[] = [
  // <165>1 2025-10-08T12:00:00Z web-1 shop 123 ID47 - x
  new RegExp(String.raw`^<\d{1,3}>1 (?:-|${TIME}) ${HOST} ${NAME} \S{1,128} \S{1,32} `),
  // <11>Oct  8 12:00:00 web-1 shop[123]: x
  new RegExp(String.raw`^<\d{1,3}>${TIME} ${HOST} ${NAME}(?:\[[\w.-]{1,32}\])?: `),
  // Oct  8 12:00:00 web-1 shop[123]: x
  new RegExp(String.raw`^${TIME} ${HOST} ${NAME}\[\d{1,10}\]: `),
  // pino-pretty: ERROR (shop/123): x, ERROR [12:00:00.000] (shop/123 on web-1): x
  new RegExp(String.raw`^[^"]{0,60}?\b[A-Z]{4,5}:? (?:\[[^\]]{1,40}\] )?\(${NAME}\/\d{1,10}(?: on ${HOST})?\): `),
  // bunyan: ERROR: shop/123 on web-1: x
  new RegExp(String.raw`^[^"]{0,60}?\b[A-Z]{4,5}: ${NAME}\/\d{1,10} on ${HOST}: `)
]
const LONGEST = 400

/** Reads the names of program and machine at the head of a line of text, which has MARK for each terminal code. A dash stands for none. */
export function readSource (text: string): Source {
  const head = text.slice(0, LONGEST).replaceAll(MARK, '')
  for (const pattern of SOURCES) {
    const groups = pattern.exec(head)?.groups
    if (groups !== undefined) return { service: named(groups['service']), host: named(groups['host']) }
  }
  return { service: undefined, host: undefined }
}

function named (text: string | undefined): string | undefined {
  return text === '-' ? undefined : text
}
