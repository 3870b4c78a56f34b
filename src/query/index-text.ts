const ESC = '\\u001b'
const SEQUENCE = `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*`
/** Ends where another begins, so that it takes no longer than the text is long. */
const STRING = `(?:${ESC}[PX\\]^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007${ESC}\\u0090\\u0098\\u009c-\\u009f]*(?:\\u0007|${ESC}\\\\|\\u009c)`

/** Nothing else needs a closer look: escape, and what is beyond ASCII. */
const SPECIAL = new RegExp(`[${ESC}\\u0080-\\uffff]`)

/**
 * What a terminal does not show, each in its form of 7 and of 8 bits: control sequences (colours, the cursor), strings like links and titles, and
 * shorter escapes. Colours, erasing and strings are a group: they leave the cursor where it is, so that the letters around them are one word.
 * A string that has no end is not taken for one, or it would hide the rest of the text.
 * Source: ECMA-48, 5.4 and 5.6; xterm, "Control Sequences".
 */
const TERMINAL_CODE = new RegExp(`(${SEQUENCE}[mK]|${STRING})|${SEQUENCE}[@-~]|${ESC}[ -/]*[0-~]`, 'g')

/** Letters of scripts that put no blank between words, or hang particles on them. */
const UNSPACED = /[\p{Script=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu
const IS_UNSPACED = new RegExp(UNSPACED.source, 'u')

/**
 * Shapes a text so that the words in it can be told apart: without terminal codes, and with blanks around each letter of a script that
 * has none, which makes every letter a word and a word a phrase. Gives the text itself when there is nothing to do.
 */
export function indexText (text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replace(TERMINAL_CODE, (_code, stays) => stays === undefined ? ' ' : '').replace(UNSPACED, ' $& ')
}

/** Says whether a word is, or holds, a letter that stands alone. */
export function isUnspaced (word: string): boolean {
  return IS_UNSPACED.test(word)
}
