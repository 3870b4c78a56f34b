import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { runTool } from './service-process.ts'

const IMAGE_BYTES = '512M'
const MEMORY = '/dev/shm'
const STEADY_TRIES = 100

/**
 * A file system of its own on an image that holds just what reached the "disk": what the kernel still keeps in its cache is not in it.
 * Cutting the power is then to copy the image, and to go on with the copy.
 */
export class PowerDisk {
  readonly dataDir: string
  readonly #folder: string
  readonly #mount: string
  #image: string
  #cuts = 0

  private constructor (folder: string) {
    this.#folder = folder
    this.#mount = join(folder, 'mount')
    this.#image = join(folder, 'disk-0.img')
    this.dataDir = join(this.#mount, 'data')
  }

  /** Undefined where no image can be mounted: it needs the rights of root and a loop device. */
  static async make (): Promise<PowerDisk | undefined> {
    const disk = new PowerDisk(mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'bellwether-power-')))
    mkdirSync(disk.#mount)
    if (await has('truncate', '-s', IMAGE_BYTES, disk.#image) && await has('mkfs.ext4', '-q', disk.#image) && await disk.#mounted()) return disk
    rmSync(disk.#folder, { recursive: true })
    return undefined
  }

  /** Keeps what the disk holds at one moment. Whoever writes to it must stand still: `plugIn` then shows that state and no later one. */
  async cut (): Promise<void> {
    const next = join(this.#folder, `disk-${++this.#cuts}.img`)
    for (let tries = 0; tries < STEADY_TRIES; tries++) {
      const before = this.#written()
      await must('cp', '--sparse=always', this.#image, next)
      if (this.#written() === before) return
    }
    throw new Error('the kernel never stopped writing to the disk')
  }

  /** Takes away the file system as it is, unwritten changes and all, and brings back what the disk held at the last cut. */
  async plugIn (): Promise<void> {
    await must('umount', this.#mount)
    rmSync(this.#image)
    this.#image = join(this.#folder, `disk-${this.#cuts}.img`)
    if (!await this.#mounted()) throw new Error(`the file system of ${basename(this.#image)} cannot be mounted`)
  }

  async close (): Promise<void> {
    await must('umount', this.#mount)
    rmSync(this.#folder, { recursive: true })
  }

  #mounted (): Promise<boolean> {
    return has('mount', '-o', 'loop', this.#image, this.#mount)
  }

  /** What the kernel counts of writes to the device (Documentation/block/stat.rst). */
  #written (): string {
    const line = readFileSync('/proc/mounts', 'utf8').split('\n').find((line) => line.includes(` ${this.#mount} `)) ?? ''
    const device = basename(line.split(' ')[0] ?? '')
    const [, , , , writes, , sectors, , inFlight] = readFileSync(`/sys/block/${device}/stat`, 'utf8').trim().split(/\s+/)
    return `${writes} ${sectors} ${inFlight}`
  }
}

async function has (command: string, ...args: string[]): Promise<boolean> {
  return (await runTool(command, args)).code === 0
}

async function must (command: string, ...args: string[]): Promise<void> {
  const { code, output } = await runTool(command, args)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}: ${output}`)
}
