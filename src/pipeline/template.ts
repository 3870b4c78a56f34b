import { fault } from './condition.ts'

type Part = { literal: string } | { name: string }

const NAME = /\{([^{}\s]+)\}/g

/** Cuts a text at its `{names}`. Text in braces that is no name stays as it is. */
function partsOf (text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const { 0: whole, 1: name = '', index } of text.matchAll(NAME)) {
    if (index > at) parts.push({ literal: text.slice(at, index) })
    parts.push({ name })
    at = index + whole.length
  }
  if (at < text.length) parts.push({ literal: text.slice(at) })
  return parts
}

/** Makes what fills the `{names}` of a text; each is asked for by its name. */
export function template (text: string): (valueOf: (name: string) => string) => string {
  const parts = partsOf(text)
  return (valueOf) => parts.reduce((filled, part) => filled + ('name' in part ? valueOf(part.name) : part.literal), '')
}

/** As `template`, with two names alone, for what is done with every line. Throws `invalid` for other names. */
export function pairTemplate (path: string, text: string, names: readonly [string, string]): (first: string | number, second: string) => string {
  const parts = partsOf(text)
  for (const part of parts) {
    if ('name' in part && !names.includes(part.name)) throw fault(path, `has {${part.name}}, and only {${names[0]}} and {${names[1]}} are known here`)
  }
  const kinds = parts.map((part) => 'literal' in part ? 'l' : part.name === names[0] ? '1' : '2').join('')
  const [a = '', b = '', c = ''] = parts.flatMap((part) => 'literal' in part ? [part.literal] : [])
  // What is usual in one expression: a loop would cost more than the rest of the step.
  if (kinds === 'l1l2') return (first, second) => a + first + b + second
  if (kinds === 'l1l2l') return (first, second) => a + first + b + second + c
  return (first, second) => parts.reduce((filled, part) => filled + ('literal' in part ? part.literal : part.name === names[0] ? first : second), '')
}
