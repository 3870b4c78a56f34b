declare const content: unique symbol

/** A JSON text that this program wrote, now or in an earlier version, of a `T`: what is read back is one, and needs no check. */
export type JsonText<T> = string & { readonly [content]: T }

/** Writes `value` as JSON.stringify does. What JSON leaves out or changes, like members that are undefined, must not be missed by readers. */
export function toJsonText<T> (value: T): JsonText<T> {
  return JSON.stringify(value) as JsonText<T>
}

/** Reads what `toJsonText` wrote. */
export function parseJsonText<T> (text: JsonText<T>): T {
  return JSON.parse(text) as T
}
