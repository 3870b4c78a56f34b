import { posix } from 'node:path'

export interface Step {
  /** `COPY`, `RUN` ... */
  name: string
  /** `{ from: 'dependencies' }` for `--from=dependencies`. */
  flags: Readonly<Record<string, string>>
  text: string
}

export interface Stage {
  name: string
  /** The image that it starts from. */
  base: string
  steps: readonly Step[]
}

const WILDCARDS: Readonly<Record<string, string>> = { '**': '.*', '*': '[^/]*', '?': '[^/]' }

/** Reads the stages of a Dockerfile: lines joined, comments left out. A stage without a name is called by its number, as docker does. */
export function parseDockerfile (text: string): Stage[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line)).join('\n').replace(/\\\n/g, ' ').split('\n')
  const stages: (Stage & { steps: Step[] })[] = []
  for (const line of lines.filter((line) => line.trim() !== '')) {
    const step = stepOf(line)
    if (step.name !== 'FROM') stages.at(-1)?.steps.push(step)
    else {
      const [base = '', , name = String(stages.length)] = step.text.split(/\s+/)
      stages.push({ name, base, steps: [] })
    }
  }
  return stages
}

function stepOf (line: string): Step {
  const [, name = '', flags = '', text = ''] = /^\s*(\w+)\s+((?:--\S+\s+)*)(.*?)\s*$/.exec(line) ?? []
  return {
    name: name.toUpperCase(),
    flags: Object.fromEntries([...flags.matchAll(/--([\w-]+)=(\S+)/g)].map(([, flag, value]) => [flag, value])),
    text
  }
}

/** Tells whether a .dockerignore keeps a path of the context out. The last pattern that fits decides, also for what lies beneath. */
export function isIgnored (ignore: string, path: string): boolean {
  const parts = posix.normalize(path).split('/')
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
  return ignore.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).reduce((ignored, line) => {
    const isException = line.startsWith('!')
    const pattern = posix.normalize(line.replace(/^!/, '')).replace(/\/$/, '')
    return paths.some((candidate) => fits(candidate, pattern)) ? !isException : ignored
  }, false)
}

/** Here a star stands for files that begin with a dot too, unlike in the globs of Node. */
function fits (path: string, pattern: string): boolean {
  const parts = pattern.split(/(\*\*|\*|\?)/).map((part) => WILDCARDS[part] ?? part.replace(/[\\^$.+()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('')}$`).test(path)
}

/** The words of `["node", "serve"]`: the form that runs no shell. Undefined for a text in shell form. */
export function execForm (text: string): string[] | undefined {
  try {
    return parseWords(JSON.parse(text))
  } catch {
    return undefined
  }
}

function parseWords (value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value as string[] : undefined
}
