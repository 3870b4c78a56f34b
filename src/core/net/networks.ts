import { BlockList, isIP } from 'node:net'

/**
 * IPv4 that is not public unicast, with networks that only look public (6to4 relays, benchmarks, documentation).
 * Source: IANA IPv4 Special-Purpose Address Registry.
 */
const SPECIAL_V4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'
]

/** The one block of IPv6 from which public addresses are given: loopback, mapped, NAT64, ULA, link-local lie outside of it. */
const GLOBAL_V6 = ['2000::/3']

/**
 * What lies in that block and is not public unicast: protocol assignments with Teredo, documentation, 6to4.
 * Source: IANA IPv6 Special-Purpose Address Registry.
 */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const special = networksOf([...SPECIAL_V4, ...SPECIAL_V6])
const global = networksOf(GLOBAL_V6)

/** Tells whether an address is public unicast. False for whatever is no address. */
export function isPublicAddress (address: string): boolean {
  if (isIP(address) === 0) return false
  return (isIP(address) === 4 || isIn(global, address)) && !isIn(special, address)
}

/** Tells whether an address lies in one of the networks; an IPv4 address that IPv6 maps counts as the IPv4 address. */
export function isIn (networks: BlockList, address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false
  return networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

export interface Network {
  address: string
  bits: number
}

/** Reads a network like `10.0.0.0/8`, or an address as the network of itself alone. Undefined for any other text. */
export function parseNetwork (text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/')
  const most = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return undefined
  if (bits === undefined) return { address, bits: most }
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? { address, bits: Number(bits) } : undefined
}

export function networksOf (texts: readonly string[]): BlockList {
  const networks = new BlockList()
  for (const text of texts) {
    const network = parseNetwork(text)
    if (network !== undefined) networks.addSubnet(network.address, network.bits, isIP(network.address) === 4 ? 'ipv4' : 'ipv6')
  }
  return networks
}
