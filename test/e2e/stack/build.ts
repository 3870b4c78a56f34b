import { execFileSync } from 'node:child_process'
import { chownSync, copyFileSync, cpSync, mkdirSync, statSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { execForm, isIgnored, type Stage, type Step } from './dockerfile.ts'

/** What docker would know of an image, with its files in the folder `root`. */
export interface Image {
  root: string
  workdir: string
  env: Record<string, string>
  user: string
  volumes: string[]
  healthcheck: readonly string[]
  command: readonly string[]
}

export interface Context {
  folder: string
  ignore: string
  /** Whose the files become that --chown names; undefined where we may not give files away. */
  owner: number | undefined
}

const PATH = ['usr', 'local', 'bin']
type Handler = (image: Image, step: Step, built: ReadonlyMap<string, Image>, context: Context) => void

/** By the name of the step. A step that is missing here stops the build: nothing is skipped in silence. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  WORKDIR: (image, { text }) => {
    image.workdir = text
    mkdirSync(join(image.root, text), { recursive: true })
  },
  COPY: (image, step, built, context) => {
    const words = step.text.split(/\s+/)
    for (const source of words.slice(0, -1)) copy(image, { source, target: words.at(-1) ?? '', flags: step.flags }, built, context)
  },
  RUN: (image, { text }) => {
    execFileSync('sh', ['-c', text], {
      cwd: join(image.root, image.workdir),
      env: { ...process.env, ...image.env, PATH: `${join(image.root, ...PATH)}:${process.env['PATH']}` },
      stdio: 'pipe'
    })
  },
  ENV: (image, { text }) => {
    for (const [, name = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g)) image.env[name] = value
  },
  USER: (image, { text }) => { image.user = text },
  VOLUME: (image, { text }) => { image.volumes.push(text) },
  EXPOSE: () => {},
  HEALTHCHECK: (image, { text }) => { image.healthcheck = execForm(text.replace(/^CMD\s+/, '')) ?? [] },
  CMD: (image, { text }) => { image.command = execForm(text) ?? [] }
}

/** Does the steps of all stages in folders beneath `target`, without docker: the last stage is the image. Node is the one that runs this. */
export function build (stages: readonly Stage[], target: string, context: Context): Image {
  const built = new Map<string, Image>()
  for (const [index, stage] of stages.entries()) {
    const image = begin(stage, join(target, String(index)))
    built.set(stage.name, image)
    for (const step of stage.steps) {
      const handler = HANDLERS[step.name]
      if (handler === undefined) throw new Error(`${step.name} cannot be done outside docker`)
      handler(image, step, built, context)
    }
  }
  const last = [...built.values()].at(-1)
  if (last === undefined) throw new Error('the Dockerfile has no stage')
  return last
}

function begin ({ base }: Stage, root: string): Image {
  if (!base.startsWith('node:')) throw new Error(`only images of node can be stood in for, not ${base}`)
  mkdirSync(join(root, ...PATH), { recursive: true })
  copyFileSync(process.execPath, join(root, ...PATH, 'node'))
  return { root, workdir: '/', env: {}, user: 'root', volumes: [], healthcheck: [], command: [] }
}

function copy (image: Image, { source, target, flags }: { source: string, target: string, flags: Step['flags'] }, built: ReadonlyMap<string, Image>, context: Context): void {
  const origin = flags['from'] === undefined ? undefined : built.get(flags['from'])
  if (flags['from'] !== undefined && origin === undefined) throw new Error(`COPY from ${flags['from']}: no such stage before`)
  const from = join(origin?.root ?? context.folder, source)
  const folder = join(image.root, target.startsWith('/') ? '' : image.workdir, target)
  const to = statSync(from).isDirectory() || !target.endsWith('/') ? folder : join(folder, basename(source))
  const isKept = (path: string) => origin !== undefined || !isIgnored(context.ignore, relative(context.folder, path).split(sep).join('/'))
  if (!isKept(from)) throw new Error(`COPY ${source}: .dockerignore keeps it out`)
  cpSync(from, to, { recursive: true, filter: isKept, verbatimSymlinks: true })
  if (flags['chown'] !== undefined && context.owner !== undefined) chownSync(to, context.owner, context.owner)
}
