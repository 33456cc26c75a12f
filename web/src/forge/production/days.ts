/** Days and weeks as people at the place of the browser count them; a day of a change of clocks is not 24 hours long. */

/** The Monday, at midnight, of the week that `time` is in. */
export function weekOf(time: Date): Date {
  const sinceMonday = (time.getDay() + 6) % 7
  return new Date(time.getFullYear(), time.getMonth(), time.getDate() - sinceMonday)
}

/** Eight midnights in a row, `after` days after `start`: a week and its end. */
export function daysFrom(start: Date, after = 0): Date[] {
  return Array.from(
    { length: 8 },
    (_, day) => new Date(start.getFullYear(), start.getMonth(), start.getDate() + after + day),
  )
}

/** “2026-11-21”, for a field of type date. */
export function dayOf(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}

/** When a shift begins and ends; one that ends before it begins ends on the next day. Undefined while it is not whole. */
export function shiftTimes(
  day: string,
  from: string,
  until: string,
): { startsAt: string; endsAt: string } | undefined {
  const startsAt = new Date(`${day}T${from}`)
  const endsAt = new Date(`${day}T${until}`)
  if (Number.isNaN(startsAt.getTime()) || Number.isNaN(endsAt.getTime())) return undefined
  if (endsAt <= startsAt) endsAt.setDate(endsAt.getDate() + 1)
  return { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() }
}
