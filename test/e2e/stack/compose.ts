import { parse } from 'yaml'

export interface ComposeService {
  image: string
  build?: string
  user?: string
  ports?: string[]
  volumes?: string[]
  environment?: Record<string, string>
  read_only?: boolean
  privileged?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  healthcheck?: { test: string[] }
  mem_limit?: string
  depends_on?: Record<string, { condition: string }>
}

/** The services of a compose file by their name, anchors and merges resolved, variables not. */
export function parseCompose (text: string): Record<string, ComposeService> {
  return (parse(text, { merge: true }) as { services: Record<string, ComposeService> }).services
}

/** The files and folders of this project that a service mounts. */
export function mountsOf ({ volumes = [] }: ComposeService): string[] {
  return volumes.map((volume) => volume.split(':')[0] ?? '').filter((source) => source.startsWith('.') || source.startsWith('/'))
}

/** A full version or a digest: what it names does not change from one day to the next. */
export function isPinned (image: string): boolean {
  return /(?::v?\d+\.\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})$/.test(image)
}
