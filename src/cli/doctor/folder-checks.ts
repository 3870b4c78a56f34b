import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../settings/config.ts'
import { readMarks } from '../../store/hot/files/marker.ts'
import { FILE_NAME } from '../../store/hot/files/place.ts'
import { receivedAt } from '../../core/row-ids.ts'
import { fail, ok, sentenceOf, warn, type Finding } from './finding.ts'

const OTHERS = 0o077
/** A clock that is behind by less may be another machine's. */
const AHEAD_MS = 300_000
/** No machine runs this program before. */
const BUILT_MS = Date.UTC(2026, 0, 1)

/** Whether the folder can be used, and by whom. */
export function checkFolder (dataDir: string): Finding[] {
  const check = 'data folder'
  const folder = statSync(dataDir, { throwIfNoEntry: false })
  if (folder === undefined) return [isWritable(dirname(resolve(dataDir))) ? ok(check, `${dataDir} is not there yet: the first start makes it`) : fail(check, `${dataDir} is not there, and cannot be made: mend the rights of ${dirname(resolve(dataDir))}, or set DATA_DIR`)]
  if (!folder.isDirectory()) return [fail(check, `${dataDir} is no folder: move it away, or set DATA_DIR`)]
  if (!isWritable(dataDir)) return [fail(check, `${dataDir} cannot be written by this user: chown it, or set DATA_DIR`)]
  const names = readdirSync(dataDir)
  return [...ownerFindings(dataDir, folder.uid, names), ...looseFindings(dataDir, folder.mode, names)]
}

function ownerFindings (dataDir: string, uid: number, names: readonly string[]): Finding[] {
  const check = 'data folder'
  const other = names.find((name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.uid !== uid)
  if (other !== undefined) return [fail(check, `${join(dataDir, other)} belongs to another user than ${dataDir}: chown all of it to who runs the service`)]
  const own = process.getuid?.() ?? uid
  if (own === uid) return [ok(check, `${dataDir} can be written, and is this user's`)]
  return [warn(check, `${dataDir} belongs to user ${uid}, and this is user ${own}: run the service and its commands as one user`)]
}

function looseFindings (dataDir: string, mode: number, names: readonly string[]): Finding[] {
  if (process.platform === 'win32') return []
  const secret = names.find((name) => name.endsWith('.secret') && (statSync(join(dataDir, name)).mode & OTHERS) !== 0)
  if (secret !== undefined) return [fail('secrets', `${join(dataDir, secret)} is open to others: chmod 600 it`)]
  return (mode & OTHERS) === 0 ? [] : [warn('data folder', `${dataDir} is open to others: chmod 700 it`)]
}

/** Whether events will be taken. */
export function checkSpace ({ dataDir, minFreeBytes }: Pick<Config, 'dataDir' | 'minFreeBytes'>): Finding {
  const { bavail, bsize } = statfsSync(existsSync(dataDir) ? dataDir : dirname(resolve(dataDir)))
  const free = bavail * bsize
  const text = `${megabytes(free)} are free, MIN_FREE_BYTES is ${megabytes(minFreeBytes)}`
  if (free < minFreeBytes) return fail('disk', `${text}: no event is taken; free some disk, or lower RETENTION_BYTES`)
  return free < 2 * minFreeBytes ? warn('disk', `${text}: free some disk soon, or lower RETENTION_BYTES`) : ok('disk', text)
}

/** Whether the clock can be right: nothing was written or stored later than now. */
export function checkClock (dataDir: string, now: number): Finding {
  const newest = (existsSync(dataDir) ? readdirSync(dataDir) : [])
    .map((name) => ({ what: join(dataDir, name), at: statSync(join(dataDir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .concat({ what: 'the newest event', at: newestEventAt(dataDir) })
    .reduce((newest, one) => one.at > newest.at ? one : newest, { what: 'this program', at: BUILT_MS })
  const told = `the clock says ${new Date(now).toISOString()}`
  if (newest.at <= now + AHEAD_MS) return ok('clock', `${told}, and nothing here is newer`)
  return fail('clock', `${told}, and ${newest.what} is of ${new Date(newest.at).toISOString()}: set the clock, or wait until it is past that`)
}

function newestEventAt (dataDir: string): number {
  const event = readMarks(join(dataDir, FILE_NAME))?.event ?? null
  return event === null ? 0 : receivedAt(event, 0)
}

function isWritable (folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function megabytes (bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`
}

/** Runs a check; what it throws is what it found. */
export async function found (check: string, look: () => Finding | Finding[] | Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    return [fail(check, sentenceOf(error))]
  }
}
