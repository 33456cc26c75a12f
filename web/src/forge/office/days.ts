/** Days as date fields write them, in the reader's own time. */

/** `2026-11-21` of a moment; empty for none. */
export function dayOf(time: string | undefined): string {
  if (!time) return ''
  const date = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The last minute of a day, as a moment: what is promised for a day may come all day long. */
export function endOfDay(day: string): string {
  return new Date(`${day}T23:59:00`).toISOString()
}
