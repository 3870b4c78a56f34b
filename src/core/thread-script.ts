import { extname } from 'node:path'

/** Finds the script of a thread beside the module at `from`: a source beside a source, or what was made of it beside what was made of the other. */
export function threadScript (name: string, from: string): URL {
  return new URL(`${name}${extname(from)}`, from)
}
