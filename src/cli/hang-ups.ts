import { isatty } from 'node:tty'

interface HangUps {
  /** Resolves with the name of the signal when the terminal is gone that the service was started from. */
  terminalGone: Promise<string>
  /** Has `reload` called at each SIGHUP from now on, and for one that came before. */
  onReload: (reload: () => void) => void
}

/**
 * Takes over SIGHUP, which would end the process on the spot. It asks to read the configuration file again, as services
 * understand it, unless a terminal of the process is gone: then nobody asked for anything but the end.
 */
export function takeHangUps (): HangUps {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  const gone = Promise.withResolvers<string>()
  let isAsked = false
  let ask = (): void => { isAsked = true }
  process.on('SIGHUP', (name) => {
    if (terminals.some((fd) => !isatty(fd))) gone.resolve(name)
    else ask()
  })
  return {
    terminalGone: gone.promise,
    onReload: (reload) => {
      ask = reload
      if (isAsked) reload()
    }
  }
}
