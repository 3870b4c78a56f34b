import { isIP } from 'node:net'
import type { SettingNotes } from '../../schemas/env.ts'
import { isIn, networksOf, parseNetwork, type Network } from '../core/net/networks.ts'
import { isGuessable } from './guessable.ts'
import { isHostItem } from '../core/net/host-list.ts'

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

const GUESSABLE = 'must not be one that is easily guessed: take a long random one, like that of `openssl rand -hex 32`'

/** A reader of secrets, which says of a good length only that it is guessable. */
function secret (noun: string, isLong: (text: string, least: number) => boolean): Reader<string> {
  return {
    read: (text, { least }) => isLong(text, Number(least)) && !isGuessable(text) ? text : undefined,
    wants: ({ least }, text) => isLong(text, Number(least)) ? GUESSABLE : `must be at least ${least} ${noun}`
  }
}

/** A token travels in a header, so it is visible ASCII without blanks. */
export const token = secret('characters, visible ASCII without blanks', (text, least) => /^[\x21-\x7e]+$/.test(text) && text.length >= least)

const MOST_PATH_END = 64

/** A secret that is the end of a path. */
export const pathEnd = secret(`and at most ${MOST_PATH_END} letters, digits, - and _`, (text, least) => /^[\w-]+$/.test(text) && text.length >= least && text.length <= MOST_PATH_END)

export const key = secret('bytes', (text, least) => Buffer.byteLength(text) >= least)

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

/** No proxy stands in so much of all addresses: whoever trusts it means everybody. The private networks together are less. */
const MOST_TRUSTED = 1 / 64
const MAPPED = networksOf(['::ffff:0:0/96'])

/** The family and the part of it that a network is; IPv4 addresses that IPv6 maps count as what they are. */
function partOf ({ address, bits }: Network): { family: 4 | 6, part: number } {
  if (isIP(address) === 4) return { family: 4, part: 2 ** -bits }
  if (bits < 96 || !isIn(MAPPED, address)) return { family: 6, part: 2 ** -bits }
  return { family: 4, part: 2 ** (96 - bits) }
}

function areFew (networks: readonly Network[]): boolean {
  const parts = networks.map(partOf)
  return ([4, 6] as const).every((family) => parts.reduce((sum, { family: its, part }) => its === family ? sum + part : sum, 0) <= MOST_TRUSTED)
}

export const addresses: Reader<readonly string[]> = {
  read: (text) => {
    const list = text.split(',').map((item) => item.trim())
    const named = [...new Set(list)].filter((item) => !NETWORKS.has(item))
    const networks = named.map(parseNetwork).filter((network) => network !== undefined)
    const areAllRead = networks.length === named.length && named.every((item) => !/\/0\d/.test(item))
    return areAllRead && areFew(networks) ? Object.freeze(list) : undefined
  },
  wants: () => 'must be a comma list of addresses like 10.0.0.5, networks like 10.0.0.0/8, loopback, linklocal or ' +
    'uniquelocal (true, a number of hops and networks that together are a large part of all addresses would trust everybody)'
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
