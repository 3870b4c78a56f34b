import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Skip, type Result } from './case.ts'
import { runTool } from './service-process.ts'

/** Runs on a file system of its own, in memory, of so many bytes (`300m`). Throws Skip without the right to mount. */
export async function onMemoryDisk (size: string, use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-mount-'))
  try {
    const { code, output } = await runTool('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
    if (code !== 0) throw new Skip(`no right to mount a tmpfs: ${output.trim()}`)
    try {
      return await use(folder)
    } finally {
      await runTool('umount', [folder])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
