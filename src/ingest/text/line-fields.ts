import { isFields, setField, type Fields } from '../fields.ts'
import { readJson } from '../json/read-json.ts'
import { plainLevel } from './level-words.ts'

const PAIR = /([A-Za-z_][\w.@/-]*)=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s"]*))(?:\s+|$)/y
const ESCAPE = /\\(["\\])/g

function readPairs (text: string): Fields | undefined {
  const fields: Fields = {}
  let count = 0
  PAIR.lastIndex = 0
  for (let found = PAIR.exec(text); found !== null; found = PAIR.exec(text)) {
    const [, name = '', quoted, bare = ''] = found
    setField(fields, name, quoted?.replace(ESCAPE, '$1') ?? bare)
    count++
  }
  return count === 0 ? undefined : fields
}

/** As routers and others write the level, under names that mean other things in JSON: at=error, error=true. */
function withLevel (fields: Fields): Fields {
  const { at, error } = fields
  const level = error === 'true' ? 'error' : at
  return Object.hasOwn(fields, 'level') || typeof level !== 'string' || plainLevel(level) === undefined ? fields : { ...fields, level }
}

function readObject (text: string): Fields | undefined {
  if (!text.trimEnd().endsWith('}')) return undefined
  const reading = readJson(text)
  return 'value' in reading && isFields(reading.value) ? reading.value : undefined
}

/** Reads what a line of text holds as fields: one JSON object, or pairs like `level=warn msg="disk full"`, up to the first that is none. */
export function readLineFields (text: string): Fields | undefined {
  if (text.startsWith('{')) return readObject(text)
  const pairs = readPairs(text)
  return pairs === undefined ? undefined : withLevel(pairs)
}
