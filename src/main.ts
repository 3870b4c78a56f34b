import { runCommand } from './cli/run-command.ts'

process.umask(0o077)
// A store that died leaves a listener behind: the code is the end, whatever is still open.
process.exit(await runCommand(process.argv.slice(2)))
