import { isIP } from 'node:net'
import type { SettingNotes } from '../schemas/env.ts'
import { isHostItem } from './hosts.ts'

/** Reads the text of a setting. `read` answers undefined for a text that will not do, `wants` says what would. */
export interface Reader<T> {
  read: (text: string, notes: SettingNotes) => T | undefined
  wants: (notes: SettingNotes, text: string) => string
}

const SIZES: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KIB', 2 ** 10],
  ['MIB', 2 ** 20],
  ['GIB', 2 ** 30],
  ['TIB', 2 ** 40]
])

const DURATIONS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000]
])

/** Takes digits only: no sign, exponent, hex, blank or point. */
function parseCount (text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Bytes of `10GB`, `1.5GiB`, `4096`. KB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024. */
function parseSize (text: string): number | undefined {
  return parseCount(text) ?? parseUnits(text.toUpperCase(), SIZES)
}

/** Milliseconds of `500ms`, `5s`, `10m`, `1.5h`, `7d`. A bare number is refused: its unit would be a guess. */
function parseDuration (text: string): number | undefined {
  return parseUnits(text, DURATIONS)
}

function parseUnits (text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?)([A-Za-z]+)$/.exec(text) ?? []
  const factor = units.get(unit ?? '')
  if (amount === undefined || factor === undefined) return undefined
  const value = Math.round(Number(amount) * factor)
  return Number.isSafeInteger(value) ? value : undefined
}

/** A reader of amounts that keeps to the bounds of the setting. `noun` stands in the sentence before them. */
function amount (noun: string, parse: (text: string) => number | undefined): Reader<number> {
  return {
    read: (text, { least = '', most = '' }) => {
      const value = parse(text)
      if (value === undefined) return undefined
      return value >= (parse(least) ?? 0) && value <= (parse(most) ?? Infinity) ? value : undefined
    },
    wants: ({ least, most }, text) => `must be ${parse(text) === undefined ? noun : ''}${least}..${most}`
  }
}

export const number = amount('a number in digits, ', parseCount)
export const size = amount('a size like 64MB, 1.5GiB or 4096, ', parseSize)
export const duration = amount('a duration like 500ms, 5s or 10m, ', parseDuration)

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

function isHostName (text: string): boolean {
  const labels = text.split('.')
  // A last label of digits is how a mistyped IPv4 address looks, and no name.
  return text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}

export const host: Reader<string> = {
  read: (text) => (isIP(text) !== 0 && !text.includes('%')) || isHostName(text) ? text : undefined,
  wants: () => 'must be an address or a host name like 127.0.0.1, ::1 or localhost'
}

export const url: Reader<string> = {
  read: (text) => {
    const parsed = URL.parse(text)
    if (parsed === null || !/^https?:\/\//i.test(text)) return undefined
    if (parsed.username !== '' || parsed.password !== '' || /[?#\s]/.test(text)) return undefined
    return parsed.href.replace(/\/+$/, '')
  },
  wants: () => 'must be an http or https address like https://ops.example.com, without credentials, query and fragment'
}

/** An address that is called as it stands; what it may name, the guard of outgoing calls says. */
export const link: Reader<string> = {
  read: (text) => /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined,
  wants: () => 'must be an http or https address like https://ops.example.com/hook'
}

export const path: Reader<string> = {
  read: (text) => text.trim() === '' || text.includes('\0') ? undefined : text,
  wants: () => 'must be the path of a folder'
}

export const file: Reader<string> = { ...path, wants: () => 'must be the path of a file' }

/** A token travels in a header, so it is visible ASCII without blanks. */
export const token: Reader<string> = {
  read: (text, { least }) => /^[\x21-\x7e]+$/.test(text) && text.length >= Number(least) ? text : undefined,
  wants: ({ least }) => `must be at least ${least} characters, visible ASCII without blanks`
}

export const key: Reader<string> = {
  read: (text, { least }) => Buffer.byteLength(text) >= Number(least) ? text : undefined,
  wants: ({ least }) => `must be at least ${least} bytes`
}

const MOST_PROCESSES = 20
/** A pid, or the name of a program. */
const PROCESS = /^(?:[1-9]\d{0,9}|(?!\d+$)[^\s,/]{1,64})$/

export const processes: Reader<readonly string[]> = {
  read: (text) => {
    const list = [...new Set(text.split(',').map((item) => item.trim()))]
    return list.length <= MOST_PROCESSES && list.every((item) => PROCESS.test(item)) ? Object.freeze(list) : undefined
  },
  wants: () => `must be a comma list of at most ${MOST_PROCESSES} pids like 1234 and names like nginx, without blanks and slashes`
}

const NETWORKS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

function isAddress (text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || rest.length > 0) return false
  if (bits === undefined) return true
  // A network of 0 bits is everybody, which is what `true` would mean.
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}

export const addresses: Reader<readonly string[]> = {
  read: (text) => {
    const list = text.split(',').map((item) => item.trim())
    return list.every((item) => NETWORKS.has(item) || isAddress(item)) ? Object.freeze(list) : undefined
  },
  wants: () => 'must be a comma list of addresses like 10.0.0.5, networks like 10.0.0.0/8, loopback, linklocal or ' +
    'uniquelocal (true, a number of hops and /0 would trust everybody)'
}

export const hosts: Reader<readonly string[]> = {
  read: (text) => {
    const list = text.split(',').map((item) => item.trim())
    return list.every(isHostItem) ? Object.freeze(list) : undefined
  },
  wants: () => 'must be a comma list of hosts like ops.example.com, *.example.com, 10.0.0.5:9000, [::1]:9000 and networks like 10.0.0.0/8'
}

/** A reader of one of a few words. */
export function choice<T extends string> (choices: readonly T[]): Reader<T> {
  return {
    read: (text) => choices.find((item) => item === text),
    wants: () => `must be one of ${choices.join(', ')}`
  }
}

export const flag: Reader<boolean> = {
  read: (text) => text === 'true' ? true : text === 'false' ? false : undefined,
  wants: () => 'must be true or false'
}

export const database: Reader<never> = {
  read: () => undefined,
  wants: (_, text) => /^postgres(ql)?:/i.test(text)
    ? 'names a PostgreSQL database, but this version stores in SQLite only: leave it empty'
    : 'must be empty: this version stores in SQLite only, in the folder that DATA_DIR names'
}
