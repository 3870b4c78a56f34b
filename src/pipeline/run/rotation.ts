import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What a rotated file is called after the name of the live one: `.1`, `.2.gz`, `-20260101`, `.2026-01-01.gz`. */
const SUFFIX = /^(?:\.(\d{1,5})|[.-](\d{4}-?\d\d-?\d\d(?:[-T_.]?\d{2,6})?))(?:\.(?:gz|zst|zstd))?$/

interface Rotated {
  path: string
  /** Higher is older; the live file has 0. */
  number: number
  /** Digits of a date; later is newer, the live file has none. */
  date: string
}

/** Puts the files of rotated sets into the order in which they were written, the oldest first; sets stay in the order of their first. */
export function inWrittenOrder (paths: readonly string[]): string[] {
  const sets = Map.groupBy(paths, (path) => liveName(path, paths))
  return [...sets].flatMap(([live, members]) => members.map((path) => rotated(path, live)).sort(byAge).map(({ path }) => path))
}

/** The files of the set of a live file that are there, the oldest first and the live one last. */
export async function rotatedSet (live: string): Promise<string[]> {
  const names = await readdir(dirname(live))
  const own = names.filter((name) => name === basename(live) || (name.startsWith(basename(live)) && SUFFIX.test(name.slice(basename(live).length))))
  return inWrittenOrder(own.map((name) => join(dirname(live), name)))
}

/** Identity of a file, which a new one of the same name has not: device and inode, and its first bytes (an inode is used again). */
export async function inodeOf (path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    // Gone, or not ours to see: nothing to compare with.
    return undefined
  }
}

/** The shortest name among `paths` that a path may be a rotation of; itself when there is none. */
function liveName (path: string, paths: readonly string[]): string {
  const candidates = paths.filter((other) => path.startsWith(other) && SUFFIX.test(path.slice(other.length)))
  return candidates.sort((a, b) => a.length - b.length)[0] ?? bareName(path)
}

/** A set may come without its live file. */
function bareName (path: string): string {
  const name = basename(path)
  const at = [...name.matchAll(/[.-]/g)].map(({ index }) => index).find((index) => SUFFIX.test(name.slice(index)))
  return at === undefined ? path : join(dirname(path), name.slice(0, at))
}

function rotated (path: string, live: string): Rotated {
  const [, number = '0', date = ''] = SUFFIX.exec(path.slice(live.length)) ?? []
  return { path, number: Number(number), date: date.replace(/\D/g, '') }
}

function byAge (a: Rotated, b: Rotated): number {
  if (a.date !== b.date) return a.date === '' ? 1 : b.date === '' ? -1 : a.date < b.date ? -1 : 1
  return b.number - a.number
}
