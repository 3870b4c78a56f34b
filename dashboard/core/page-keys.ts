import { useEffect, useRef } from 'preact/hooks'

/** What keys do on the page that is shown; one that answers false leaves its key to the browser. */
export type PageKeys = Readonly<Record<string, (event: KeyboardEvent) => boolean | void>>

let current: { keys: PageKeys } | undefined

/** Has keys do something while the page is shown, instead of what they do on every page. */
export function usePageKeys (keys: PageKeys): void {
  const own = useRef({ keys })
  own.current.keys = keys
  useEffect(() => {
    current = own.current
    return () => { current = undefined }
  }, [])
}

export function pageKey (key: string): PageKeys[string] | undefined {
  return current !== undefined && Object.hasOwn(current.keys, key) ? current.keys[key] : undefined
}
