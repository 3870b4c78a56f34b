/**
 * Cuts a text to so many code points, an ellipsis at its end included. With `escape`, each code point is escaped first and
 * what is counted is the escaped text, so that the cut never falls inside of an escape.
 */
export function clip (text: string, most: number, escape: (letter: string) => string = (letter) => letter): string {
  const written: string[] = []
  const fits: number[] = []
  let length = 0
  for (const letter of text) {
    const escaped = escape(letter)
    length += countLetters(escaped)
    if (length > most) return `${written.slice(0, fits.filter((end) => end < most).length).join('')}…`
    written.push(escaped)
    fits.push(length)
  }
  return written.join('')
}

function countLetters (text: string): number {
  return text.length === 1 ? 1 : [...text].length
}
