/** Lists that are walked through with the arrow keys. */
import { useEffect, useRef } from 'react'

const steps: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => Math.min(count - 1, at + 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_, count) => count - 1,
}

/**
 * For an element around a list and its filters: the arrow keys go from row to row, and down from a field of the search
 * into the list. Enter opens, as on every link.
 */
export function useRowKeys<E extends HTMLElement>() {
  const around = useRef<E>(null)
  useEffect(() => {
    const element = around.current
    if (!element) return
    const move = (event: KeyboardEvent) => {
      const step = steps[event.key]
      const rows = [...element.querySelectorAll<HTMLElement>('tbody tr :is(a, button):first-of-type')]
      const at = rows.indexOf(document.activeElement as HTMLElement)
      const fromSearch = event.key === 'ArrowDown' && (event.target as HTMLElement).matches('[type="search"]')
      if (!step || rows.length === 0 || (at < 0 && !fromSearch)) return
      event.preventDefault()
      rows[step(at, rows.length)]!.focus()
    }
    element.addEventListener('keydown', move)
    return () => element.removeEventListener('keydown', move)
  }, [])
  return around
}
