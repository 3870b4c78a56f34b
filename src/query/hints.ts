import { lex } from './lex.ts'

const LIKELY_MEANT: ReadonlyMap<string, string> = new Map([
  ['and', 'terms beside each other are both asked for already'],
  ['or', 'write OR to ask for either side'],
  ['not', 'write NOT, or a dash right before the term, to exclude it']
])

/** Says what a query that can be read may not have meant: `and`, `or` and `not` that are no capitals are words to find. Throws as `parseQuery`. */
export function queryHints (text: string): string[] {
  const words = lex(text).flatMap((token) => token.kind === 'term' && token.op === undefined ? token.values : [])
  return words.flatMap(({ text, isQuoted, isStarred, column }) => {
    const meant = isQuoted || isStarred ? undefined : LIKELY_MEANT.get(text.toLowerCase())
    return meant === undefined ? [] : [`column ${column}: ${JSON.stringify(text)} is searched for as a word; ${meant}, or put it in quotes`]
  })
}
