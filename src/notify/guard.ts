import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from '../core/net/networks.ts'
import { endpointOf, type HostList } from '../core/net/host-list.ts'

/** Finds every address of a name, as `dns.lookup` does with `all`. */
export type Lookup = (host: string, found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

/** Who may be called. `allow` names hosts that are reached although they are private. */
export interface Guard {
  allow: HostList
  lookup: Lookup
}

export type Judgement = { url: URL, refusal?: undefined } | { refusal: string }

/** An address was refused; the message is for the person who typed it or may allow it. */
export class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS'
}

export const dnsLookup: Lookup = (host, found) => systemLookup(host, { all: true }, found)

const HINT = 'add it to WEBHOOK_ALLOW if it should be reached'

/**
 * Judges an address by what the WHATWG parser makes of it, before any name is looked up: http or https, no credentials,
 * no private address in any spelling, no localhost. What a name resolves to is judged by `refusalOfName` and at connect.
 */
export function judgeUrl (text: string, allow: HostList): Judgement {
  const judged = judgeForm(text)
  if (judged.refusal !== undefined || !isPrivate(judged.url, allow)) return judged
  return { refusal: `names ${endpointOf(judged.url).host}, which is not a public address: ${HINT}` }
}

/** Judges how an address is written: http or https, no credentials. */
export function judgeForm (text: string): Judgement {
  const url = URL.parse(text)
  if (url === null) return { refusal: 'must be an address like https://ops.example.com/hook' }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { refusal: `must begin with http:// or https://, not ${url.protocol}` }
  if (url.username !== '' || url.password !== '') return { refusal: 'must not hold a user name or password' }
  return { url }
}

/** Tells whether an address names, in whatever spelling, what is not public and was not allowed by name. */
export function isPrivate (url: URL, allow: HostList): boolean {
  const endpoint = endpointOf(url)
  if (allow.hasHost(endpoint)) return false
  return isIP(endpoint.host) === 0 ? isLocalName(endpoint.host) : !isPublicAddress(endpoint.host)
}

/**
 * Looks a judged address up, to tell at save what connecting would refuse. Resolves to undefined when it may be reached, and
 * when its name is unknown for now: that shows when something is sent.
 */
export function refusalOfName (url: URL, { allow, lookup }: Guard): Promise<string | undefined> {
  const endpoint = endpointOf(url)
  if (isIP(endpoint.host) !== 0 || allow.hasHost(endpoint)) return Promise.resolve(undefined)
  return new Promise((resolve) => lookup(endpoint.host, (error, addresses) => {
    const isRefused = error === null && !addresses.some(({ address }) => mayReach(address, endpoint.port, allow))
    resolve(isRefused ? refusalOfAddresses(endpoint.host, addresses) : undefined)
  }))
}

/**
 * Makes the look-up that a connection to `url` uses: it answers only addresses that may be reached, so that the address that
 * was judged is the one that is connected, whatever the name resolved to before. Node does not call it for literal
 * addresses: `judgeUrl` comes first at every call.
 */
export function guardedLookup (url: URL, { allow, lookup }: Guard): LookupFunction {
  const { host, port } = endpointOf(url)
  const isNamed = allow.hasHost({ host, port })
  return (name, { all }, done) => lookup(name, (error, addresses) => {
    if (error !== null) return done(error, '')
    const open = addresses.filter(({ address }) => isNamed || mayReach(address, port, allow))
    const [first] = open
    if (first === undefined) return done(new RefusedAddress(refusalOfAddresses(host, addresses)), '')
    return all === true ? done(null, open) : done(null, first.address, first.family)
  })
}

function mayReach (address: string, port: number, allow: HostList): boolean {
  return isPublicAddress(address) || allow.hasAddress(address, port)
}

/** RFC 6761: these mean the machine itself, whether a resolver knows them or not. */
function isLocalName (host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function refusalOfAddresses (host: string, addresses: readonly LookupAddress[]): string {
  return `${host} resolves to ${addresses.map(({ address }) => address).join(', ') || 'no address'}, which is not public: ${HINT}`
}
