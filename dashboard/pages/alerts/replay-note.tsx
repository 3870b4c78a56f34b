import type { JSX } from 'preact'
import type { ReplayAnswer } from '../../../schemas/replay.ts'
import { replaySentence } from './replay-words.ts'

/** The sentence of a replay. */
export function ReplayNote ({ answer, from, unit }: { answer: ReplayAnswer, from: string, unit: string | null }): JSX.Element {
  const { before, times, after } = replaySentence(answer, { from, unit })
  return <p class='note' role='status'>{before}<b>{times}</b>{after}</p>
}
