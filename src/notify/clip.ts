/** Divides a text into what is never cut through, escaped where that is needed. */
export type Split = (text: string) => Iterable<string>

/**
 * Cuts a text to so many code points, an ellipsis at its end included. What is counted is what `split` makes of it, so that
 * neither a letter nor an escape is cut through.
 */
export function clip (text: string, most: number, split: Split = (whole) => whole): string {
  let written = ''
  let kept = ''
  let length = 0
  for (const piece of split(text.toWellFormed())) {
    length += countLetters(piece)
    if (length > most) return `${kept}…`
    written += piece
    if (length < most) kept = written
  }
  return written
}

function countLetters (text: string): number {
  return text.length === 1 ? 1 : [...text].length
}
