import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the program, wherever in it that lies which runs. */
export const ROOT = rootOf(import.meta.dirname)

function rootOf (folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootOf(dirname(folder))
}
