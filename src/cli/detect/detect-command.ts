import { UsageError } from '../command.ts'

type Detector = (args: readonly string[]) => Promise<number>

/** Each loads what it needs, and nothing of the others. */
const DETECTORS: Record<string, () => Promise<Detector>> = {
  patterns: async () => (await import('./patterns-command.ts')).detectPatterns,
  sessions: async () => (await import('./sessions-command.ts')).detectSessions,
  series: async () => (await import('./series-command.ts')).detectSeries
}

/** Runs one detector over a file or standard input, with no service; returns the exit code. */
export async function detect (args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  const load = Object.hasOwn(DETECTORS, name) ? DETECTORS[name] : undefined
  if (load === undefined) throw new UsageError(`say what is to be detected: ${Object.keys(DETECTORS).map((known) => `bellwether detect ${known}`).join(', ')}; got ${JSON.stringify(name)}`)
  return (await load())(rest)
}
