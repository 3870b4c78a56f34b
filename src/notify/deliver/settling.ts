import type { Settlement } from '../../../schemas/outbox.ts'
import type { Outbox } from './outbox.ts'

interface SettlingParts {
  outbox: Pick<Outbox, 'settle'>
  onError: (error: unknown) => void
  /** Waits before the next try. */
  pause: () => Promise<void>
}

/** Writes down what attempts came to. Those that end while one write is on its way share the next one: the disk is synced once for all of them. */
export class Settling {
  readonly #parts: SettlingParts
  #gathered: { settlements: Settlement[], written: Promise<boolean> } | undefined
  #last: Promise<unknown> = Promise.resolve()
  #isClosing = false

  constructor (parts: SettlingParts) {
    this.#parts = parts
  }

  /** Resolves once it is written, or with false when it cannot be and the process is about to end. Never rejects. */
  settle (settlement: Settlement): Promise<boolean> {
    const { settlements, written } = this.#gathered ?? this.#gather()
    settlements.push(settlement)
    return written
  }

  /** What fails from now on is not tried again. */
  close (): void {
    this.#isClosing = true
  }

  #gather (): { settlements: Settlement[], written: Promise<boolean> } {
    const settlements: Settlement[] = []
    const written = this.#last.then(() => {
      this.#gathered = undefined
      return this.#write(settlements)
    })
    this.#last = written
    this.#gathered = { settlements, written }
    return this.#gathered
  }

  /** Whoever waits stays busy until the outbox knows: otherwise a disk that is full would have a notice sent again and again. */
  async #write (settlements: readonly Settlement[]): Promise<boolean> {
    const { outbox, onError, pause } = this.#parts
    while (true) {
      try {
        await outbox.settle(settlements)
        return true
      } catch (error) {
        onError(error)
        if (this.#isClosing) return false
        await pause()
      }
    }
  }
}
