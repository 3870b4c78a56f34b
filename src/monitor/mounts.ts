import { statfs } from 'node:fs/promises'
import { readText } from './files.ts'

/** What is known of a mount; `fs` is its device, or what stands for one. */
export interface Mounted {
  fs: string
  type: string
  mount: string
  size: number
  used: number
  available: number
  rw: boolean | null
}

type Mount = Pick<Mounted, 'fs' | 'type' | 'mount' | 'rw'>

/** On disks of this machine: the kernel answers at once for how full they are. */
const ON_DISK = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'bcachefs', 'jfs', 'vfat', 'exfat', 'ntfs3', 'overlay'])
/** What the kernel shows as files, keeps in memory, or mounts to be only read: nothing that fills up. */
const NO_DISK = new Set([
  'autofs', 'binfmt_misc', 'bpf', 'cgroup', 'cgroup2', 'configfs', 'debugfs', 'devpts', 'devtmpfs', 'efivarfs', 'fuse.gvfsd-fuse', 'fuse.lxcfs',
  'fuse.portal', 'fuse.snapfuse', 'fusectl', 'hugetlbfs', 'iso9660', 'mqueue', 'nfsd', 'nsfs', 'proc', 'pstore', 'ramfs', 'rootfs', 'rpc_pipefs',
  'securityfs', 'selinuxfs', 'squashfs', 'sysfs', 'tmpfs', 'tracefs'
])

/**
 * Reads how full the disks are, without another process. Undefined where there is no such file, or more is mounted than plain disks: a share of
 * another machine may hold who asks for ever, and the data sets of ZFS share a pool, which statfs(2) does not tell.
 */
export async function readMounts (file = '/proc/self/mounts'): Promise<Mounted[] | undefined> {
  const text = readText(file)
  if (text === undefined) return undefined
  const mounts = text.split('\n').filter((line) => line !== '').map(parseMount).filter(({ type }) => !NO_DISK.has(type))
  if (!mounts.every(({ type }) => ON_DISK.has(type))) return undefined
  const known = await Promise.all(mounts.map(measured))
  return known.filter((mount) => mount !== undefined)
}

/** A line like `/dev/sda1 /my\040disk ext4 rw,relatime 0 0`, in which octal numbers stand for blanks (proc_pid_mounts(5)). */
function parseMount (line: string): Mount {
  const [fs = '', mount = '', type = '', options = ''] = line.split(' ').map(parseName)
  return { fs, mount, type, rw: options.split(',').includes('rw') }
}

/** Its bytes stand for characters of one byte each. */
function parseName (field: string): string {
  const bytes = field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return Buffer.from(bytes, 'latin1').toString()
}

/** Undefined for one that may not be looked at, or is gone. */
async function measured (mount: Mount): Promise<Mounted | undefined> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(mount.mount)
    return { ...mount, size: blocks * bsize, used: (blocks - bfree) * bsize, available: bavail * bsize }
  } catch {
    return undefined
  }
}
