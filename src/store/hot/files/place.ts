import { accessSync, constants, existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AppError, ConfigurationError } from '../../../core/errors.ts'
import { COMPANIONS, openDamage } from './damage.ts'
import { markerFile } from './marker.ts'

export const FILE_NAME = 'bellwether.db'
/** All that the service itself writes beside the file. */
const BESIDE = [...COMPANIONS, '-damage', '-draft'] as const

/** What a place is for; who only reads may do so where nothing can be written. */
type Use = 'read' | 'write'

/** What the system says when a place is wrong, in words. What else it says is of the disk or the machine. */
const WRONG: Readonly<Record<string, string>> = {
  EEXIST: 'it is no folder',
  ENOTDIR: 'it lies below what is no folder',
  ENOENT: 'it is a link to where nothing is',
  ELOOP: 'it is a link to itself',
  ENAMETOOLONG: 'its name is too long',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EROFS: 'it lies on a disk that is read-only'
}

/** Makes the folder of the store when it is missing. Throws ConfigurationError when there can be none, `overloaded` when the disk fails. */
export function makeFolder (dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw faultOf(`the data folder ${dataDir} cannot be made`, cause)
  }
  refuseUnusable(dataDir, 'write', 'folder')
}

/**
 * Finds the file, behind a link too, since what belongs to it stands beside the file itself. Throws ConfigurationError for what can be no
 * store, and for what this user may not use.
 */
export function locate (dataDir: string, use: Use): string {
  refuseUnusable(dataDir, use, 'folder')
  const file = behindLink(join(dataDir, FILE_NAME))
  refuseUnusable(dirname(file), use, 'folder')
  for (const companion of ['', ...BESIDE]) refuseUnusable(file + companion, use)
  return file
}

/** Throws ConfigurationError when something is at the path that is not of this kind, or that this user may not use so. */
export function refuseUnusable (path: string, use: Use, kind: 'file' | 'folder' = 'file'): void {
  const entry = attempt(path, use, () => statSync(path, { throwIfNoEntry: false }))
  if (entry === undefined) return
  if (kind === 'file' ? !entry.isFile() : !entry.isDirectory()) {
    throw new ConfigurationError(`${path} cannot be opened: it is no ${kind}; move away what stands there, or set DATA_DIR`)
  }
  attempt(path, use, () => accessSync(path, constants.R_OK | (use === 'write' ? constants.W_OK : 0) | (kind === 'folder' ? constants.X_OK : 0)))
}

function attempt<T> (path: string, use: Use, look: () => T): T {
  try {
    return look()
  } catch (cause) {
    throw faultOf(`${path} cannot be ${use === 'read' ? 'read' : 'written'}`, cause)
  }
}

function behindLink (path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path
  if (existsSync(path)) return realpathSync(path)
  const target = resolve(dirname(path), readlinkSync(path))
  if (existsSync(markerFile(target)) || openDamage(target) !== undefined) return target
  throw new ConfigurationError(`${path} is a link to ${target}, where nothing is: mount the disk that it was on, or remove the link; nothing was changed`)
}

function faultOf (what: string, cause: unknown): AppError {
  const words = WRONG[codeOf(cause)]
  if (words !== undefined) return new ConfigurationError(`${what}: ${words}; mend that, or set DATA_DIR`, { cause })
  return new AppError('overloaded', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
