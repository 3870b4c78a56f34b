import { useEffect, useRef } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'

interface TabsProps {
  /** What they are parts of. */
  label: string
  tabs: ReadonlyArray<{ id: string, href: string, name: ComponentChildren }>
  chosen: string
}

/** The parts of a page as links, of which the chosen one is in sight where not all have room. */
export function Tabs ({ label, tabs, chosen }: TabsProps): JSX.Element {
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    const link = box.current?.querySelector('[aria-current]')
    if (box.current !== null && link instanceof HTMLElement) box.current.scrollLeft = link.offsetLeft - (box.current.clientWidth - link.clientWidth) / 2
  }, [chosen])
  return (
    <nav class='tabs' aria-label={label} ref={box}>
      {tabs.map(({ id, href, name }) => <a key={id} href={href} aria-current={id === chosen ? 'page' : undefined}>{name}</a>)}
    </nav>
  )
}
