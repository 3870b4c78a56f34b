import { setTimeout as pause } from 'node:timers/promises'

/** Between two looks the processor is left to the threads that are waited for. */
const PAUSE_MS = 5

/** Resolves when it is so, looking now and then; the time-out of the test is its deadline. */
export async function until (isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await pause(PAUSE_MS)
}

/** Asks until the answer is the one that is wanted, and gives it; the time-out of the test is its deadline. */
export async function askUntil<T> (ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    await pause(PAUSE_MS)
  }
}
