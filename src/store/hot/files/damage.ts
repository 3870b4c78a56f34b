import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { AppError } from '../../../core/errors.ts'
import { syncFolder, writeWhole } from './marker.ts'

export interface Damage {
  /** What SQLite, the check or the marker said. */
  reason: string
  /** Where the damaged file stands now; what belongs to it stands beside it. */
  keptAs: string
}

/** Stands beside the store from when damage is found until an operator says how to go on. */
interface Note extends Damage {
  isMoved: boolean
  isTold: boolean
}

/** What belongs to a store besides its file. */
export const COMPANIONS = ['-wal', '-shm', '-journal', '-audit', '-marker'] as const

export const WAYS_ON = 'run `bellwether recover` to get back what can be read, or start with --accept-empty to begin anew'

/** Thrown when a store is damaged and nobody has said how to go on. */
export class DamagedStore extends AppError {
  /** Where a store is to stand again. */
  readonly file: string
  readonly damage: Damage

  constructor (file: string, damage: Damage) {
    super('overloaded', `the store is damaged: ${damage.reason}. It is kept as ${damage.keptAs}; ${WAYS_ON}`)
    this.file = file
    this.damage = damage
  }
}

/** The damage that nobody has answered yet. */
export function openDamage (file: string): Note | undefined {
  const note = noteFile(file)
  return existsSync(note) ? parseNote(readFileSync(note, 'utf8')) : undefined
}

/**
 * Moves a damaged store aside byte for byte, with all that belongs to it. The note is written first, so that a move that was
 * broken off is gone on with.
 */
export function keepAside (file: string, reason: string): Damage {
  const present = ['', ...COMPANIONS].map((companion) => file + companion).filter((path) => existsSync(path))
  const at = present.length === 0 ? Date.now() : Math.max(...present.map((path) => statSync(path).mtimeMs))
  const keptAs = freeName(`${file}.damaged-${new Date(at).toISOString().replace(/[:.]/g, '')}-${process.pid}`)
  const note: Note = { reason, keptAs, isMoved: false, isTold: false }
  writeNote(file, note)
  return finishMove(file, note)
}

export function finishMove (file: string, note: Note): Damage {
  const { reason, keptAs, isMoved } = note
  if (!isMoved) {
    for (const companion of ['', ...COMPANIONS]) {
      if (existsSync(file + companion)) renameSync(file + companion, keptAs + companion)
    }
    syncFolder(file)
    writeNote(file, { ...note, isMoved: true })
  }
  return { reason, keptAs }
}

/** Writes down that those who are to know were told. */
export function noteTold (file: string): void {
  const note = openDamage(file)
  if (note !== undefined) writeNote(file, { ...note, isTold: true })
}

/** Called when a store stands in the place again. */
export function settleDamage (file: string): void {
  rmSync(noteFile(file), { force: true })
}

function noteFile (file: string): string {
  return `${file}-damage`
}

function writeNote (file: string, note: Note): void {
  writeWhole(noteFile(file), `${JSON.stringify(note)}\n`)
}

function parseNote (text: string): Note {
  return JSON.parse(text) as Note
}

/** Two damaged files may be of one time: a copy keeps the time, and in a container all processes have one id. */
function freeName (name: string): string {
  const isTaken = (candidate: string): boolean => ['', ...COMPANIONS].some((companion) => existsSync(candidate + companion))
  let free = name
  for (let number = 2; isTaken(free); number++) free = `${name}-${number}`
  return free
}
