import type { Span } from './spans.ts'

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g

/** Finds private keys in PEM, which go over many lines: `isOpen` tells that the text begins, or ends, within one. */
export function keySpans (text: string, isOpen: boolean): { spans: Span[], isOpen: boolean } {
  const spans: Span[] = []
  if (!isOpen && !text.includes('-----BEGIN')) return { spans, isOpen }
  let isInside = isOpen
  for (let at = 0; at < text.length;) {
    const start = isInside ? at : placeOf(BEGIN, text, at)?.start
    if (start === undefined) return { spans, isOpen: false }
    const end = placeOf(END, text, start)?.end
    spans.push({ start, end: end ?? text.length, kind: 'private_key', ...(isInside ? { isRest: true } : {}) })
    if (end === undefined) return { spans, isOpen: true }
    isInside = false
    at = end
  }
  return { spans, isOpen: isInside }
}

function placeOf (expression: RegExp, text: string, from: number): { start: number, end: number } | undefined {
  expression.lastIndex = from
  const match = expression.exec(text)
  return match === null ? undefined : { start: match.index, end: expression.lastIndex }
}
