/** What shows that a command line without the word `run` means it. */
const OWN_FLAGS = ['--file', '--dashboard', '--save-metrics']

/** Whether a command line means a run: the word may be left out. */
export function isRun (args: readonly string[]): boolean {
  const [first = ''] = args
  if (first === 'run') return true
  return first.startsWith('--') && args.some((arg) => OWN_FLAGS.some((flag) => arg === flag || arg.startsWith(`${flag}=`)))
}
