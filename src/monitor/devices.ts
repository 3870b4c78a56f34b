import { existsSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What carries packets of others a second time, by the names that it usually has: where no card is seen, only these tell. */
const INNER_INTERFACE = /^(?:lo|veth|docker|br(?:-|\d|idge)|virbr|lxcbr|lxdbr|vmbr|fwbr|fwpr|fwln|cni|podman|flannel|cali|cilium|lxc|kube|nodelocaldns|ovs|vnet|tap|macvtap|tun|wg|tailscale|zt|nordlynx|bond|team|vlan|vxlan|geneve|sit|gre|erspan|tunl|ip6tnl|ip6gre|ip6?_vti|ifb|dummy|nlmon)|[.@]/
/** No disks of their own: what lies on others, in memory, behind the network, or is taken out again. */
const INNER_DISK = /^(?:loop|ram|zram|dm-|md|bcache|drbd|nbd|rbd|zd|sr|fd)\d/

/**
 * Finds the interfaces that count: the cards, each once. A bridge, bond, VLAN or tunnel has no device of its own, and a card that another stands for
 * (a virtual function below its network card in a cloud) has that as its master. In a container no card is seen: there its own end counts.
 */
export function outerInterfaces (names: readonly string[], sys: string): string[] {
  const folder = join(sys, 'class/net')
  const cards = names.filter((name) => existsSync(join(folder, name, 'device')))
  const outer = cards.filter((name) => !cards.includes(masterOf(join(folder, name)) ?? ''))
  return outer.length > 0 ? outer : names.filter((name) => !INNER_INTERFACE.test(name))
}

/** Finds the disks that count: whole ones that are there as devices, neither their parts nor what is made of them. */
export function wholeDisks (names: readonly string[], sys: string): string[] {
  const folder = join(sys, 'block')
  const known = new Set(names)
  const outer = names.filter((name) => !INNER_DISK.test(name))
  const disks = outer.filter((name) => existsSync(join(folder, name.replaceAll('/', '!'), 'device')))
  return disks.length > 0 ? disks : outer.filter((name) => !isPart(name, known))
}

/** `sda1` is a part of `sda`; where the name of a disk ends in a digit, a `p` stands before the number: `nvme0n1p2`. */
function isPart (name: string, known: ReadonlySet<string>): boolean {
  const [, before = ''] = /^(.*\D)\d+$/.exec(name) ?? []
  return /\dp$/.test(before) ? known.has(before.slice(0, -1)) : known.has(before)
}

function masterOf (folder: string): string | undefined {
  try {
    return basename(readlinkSync(join(folder, 'master')))
  } catch {
    return undefined
  }
}
