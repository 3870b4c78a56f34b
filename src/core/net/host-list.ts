import type { BlockList } from 'node:net'
import { AppError, type Fault } from '../errors.ts'
import { isIn, networksOf, parseNetwork } from './networks.ts'

interface Entry {
  /** In lower case, without the dot at its end; `.telex.im` stands for all names below it. Undefined for a network. */
  name?: string
  network?: BlockList
  /** Undefined where none was named. */
  port?: number
}

const LABELS = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** The host and port that an address names. */
export interface Endpoint {
  /** A name in lower case, or an address without brackets. */
  host: string
  port: number
}

/** The ports of an entry that names none: all, or those of the web. */
export type UsualPorts = 'all' | 'web'

const WEB_PORTS: readonly number[] = [80, 443]

/** Hosts that somebody named: names, `*.` names, addresses, each with a port or without, and networks. */
export class HostList {
  readonly #entries: readonly Entry[]

  constructor (entries: readonly Entry[]) {
    this.#entries = entries
  }

  /** Tells whether the name, or the address that stands in its place, was named. */
  hasHost ({ host, port }: Endpoint, usual: UsualPorts = 'all'): boolean {
    return this.hasAddress(host, port, usual) ||
      this.#entries.some((entry) => entry.name !== undefined && isFor(entry, port, usual) && isNamed(entry.name, host))
  }

  /** Tells whether the address lies in a network that was named, or is itself named. */
  hasAddress (address: string, port: number, usual: UsualPorts = 'all'): boolean {
    return this.#entries.some((entry) => entry.network !== undefined && isFor(entry, port, usual) && isIn(entry.network, address))
  }
}

/** Reads the items of `WEBHOOK_ALLOW` or `TICK_ALLOW`. Throws `AppError('invalid')` with a fault for each bad one, at `path`. */
export function parseHosts (items: readonly string[], path: string): HostList {
  const entries: Entry[] = []
  const faults: Fault[] = []
  for (const item of items) {
    const entry = parseEntry(item.trim().toLowerCase())
    if (entry === undefined) faults.push({ path, message: `must name hosts like ops.example.com, *.example.com, 10.0.0.5:9000, [::1]:9000 or networks like 10.0.0.0/8, got "${item}"` })
    else entries.push(entry)
  }
  if (faults.length > 0) throw new AppError('invalid', faults.map(({ message }) => `${path} ${message}`).join('; '), { faults })
  return new HostList(entries)
}

/** Tells whether a text is an item of such a list. */
export function isHostItem (text: string): boolean {
  return parseEntry(text.trim().toLowerCase()) !== undefined
}

/** The endpoint of an address, with the usual port of its scheme where it names none. */
export function endpointOf ({ hostname, port, protocol }: URL): Endpoint {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.replace(/\.$/, '')
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
}

function parseEntry (text: string): Entry | undefined {
  if (parseNetwork(text) !== undefined) return { network: networksOf([text]) }
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^[\]:/]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = (bracketed ?? plain)?.replace(/\.$/, '')
  const port = digits === undefined ? undefined : Number(digits)
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined

  const ported = port === undefined ? {} : { port }
  if (parseNetwork(host) !== undefined) return { network: networksOf([host]), ...ported }
  if (bracketed !== undefined) return undefined
  return isName(host) ? { name: host.replace(/^\*/, ''), ...ported } : undefined
}

/** A last label of digits is how a mistyped IPv4 address looks, and no name. */
function isName (text: string): boolean {
  const name = text.replace(/^\*\./, '')
  return name.length <= 253 && LABELS.test(name) && !/(?:^|\.)\d+$/.test(name)
}

function isFor (entry: Entry, port: number, usual: UsualPorts): boolean {
  if (entry.port !== undefined) return entry.port === port
  return usual === 'all' || WEB_PORTS.includes(port)
}

function isNamed (name: string, host: string): boolean {
  return name.startsWith('.') ? host.endsWith(name) && host.length > name.length : host === name
}
