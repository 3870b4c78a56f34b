import { join } from 'node:path'
import { test } from 'tap'
import { outerInterfaces, wholeDisks } from '../../src/monitor/devices.ts'
import { testFolder } from '../support/test-folder.ts'

const device = () => ({ device: {} })

test('a card that stands for another counts once; one in a bridge or bond counts itself', async (t) => {
  const to = (master: string) => ({ ...device(), master: t.fixture('symlink', `../${master}`) })
  const sys = testFolder(t, { class: { net: { eth0: device(), enP1s1: to('eth0'), eth1: to('bond0'), eth2: to('br0'), bond0: {}, br0: {} } } })

  t.same(outerInterfaces(['lo', 'eth0', 'enP1s1', 'eth1', 'eth2', 'bond0', 'br0'], sys), ['eth0', 'eth1', 'eth2'])
})

test('in a container, where no card is seen, its own end counts', async (t) => {
  const sys = testFolder(t, { class: { net: { lo: {}, eth0: {}, eth1: {}, tunl0: {}, 'eth0.5': {} } } })

  t.same(outerInterfaces(['lo', 'tunl0', 'eth0', 'eth1', 'eth0.5'], sys), ['eth0', 'eth1'])
  t.same(outerInterfaces(['lo', 'venet0'], join(sys, 'nowhere')), ['venet0'])
  t.same(outerInterfaces(['lo', 'docker0', 'br-0a1b', 'br0', 'bond0', 'vlan7', 'vxlan.calico', 'sit0', 'gre0', 'wg0', 'tailscale0', 'virbr0', 'podman1'], sys), [])
})

const names: ReadonlyArray<[title: string, given: string[], whole: string[]]> = [
  ['the tenth namespace is no part of the first', ['nvme0n1', 'nvme0n1p1', 'nvme0n10', 'nvme0n10p2', 'nvme0n11'], ['nvme0n1', 'nvme0n10', 'nvme0n11']],
  ['disks of two letters', ['sda', 'sda1', 'sda15', 'sdaa', 'sdaa1', 'sdab'], ['sda', 'sdaa', 'sdab']],
  ['cards', ['mmcblk0', 'mmcblk0p1', 'mmcblk0p10', 'mmcblk1', 'mmcblk10'], ['mmcblk0', 'mmcblk1', 'mmcblk10']],
  ['virtual disks', ['vda', 'vda1', 'xvda1', 'xvdb', 'xvdb2'], ['vda', 'xvda1', 'xvdb']],
  ['arrays of an old controller', ['cciss/c0d0', 'cciss/c0d0p1', 'cciss/c0d10'], ['cciss/c0d0', 'cciss/c0d10']],
  ['what is made of others, in memory, or behind the network', ['loop0', 'loop0p1', 'dm-0', 'md0', 'md127p1', 'zram0', 'ram1', 'nbd0', 'nbd0p1', 'sr0', 'fd0', 'zd16', 'zd16p1', 'drbd1', 'bcache0', 'sdb'], ['sdb']]
]
for (const [title, given, whole] of names) {
  test(`whole disks are told by their names: ${title}`, async (t) => {
    t.same(wholeDisks(given, testFolder(t)), whole)
  })
}

test('whole disks are told by what the kernel says of them, where it does', async (t) => {
  const sys = testFolder(t, { block: { sda: device(), nvme0n1: device(), nvme0n10: device(), 'cciss!c0d1': device(), 'dm-0': {}, mine0: {}, sr0: device() } })

  t.same(wholeDisks(['sda', 'sda1', 'nvme0n1', 'nvme0n1p1', 'nvme0n10', 'cciss/c0d1', 'cciss/c0d1p1', 'dm-0', 'mine0', 'sr0'], sys), ['sda', 'nvme0n1', 'nvme0n10', 'cciss/c0d1'])
})
