/** One list out of many: the dead letters of all services, the latest first. */

interface Positioned {
  /** Sorts as the list does, the latest last; also the cursor of what follows. */
  readonly position: string
}

interface Page<L> {
  readonly items: readonly L[]
  readonly next?: string
}

/** The first `limit` of all pages together. The pages were read with the same cursor and at least `limit` items each. */
export function mergePages<L extends Positioned>(pages: readonly Page<L>[], limit: number): Page<L> {
  const all = pages.flatMap((page) => page.items).sort((a, b) => (a.position < b.position ? 1 : -1))
  const items = all.slice(0, limit)
  const more = all.length > limit || pages.some((page) => page.next !== undefined)
  const last = items.at(-1)
  return more && last ? { items, next: last.position } : { items }
}

/** Where a walk over the dead letters of all services stands: the service, and the last position there. */
export interface Place {
  readonly service: string
  readonly position?: string
}

/** The cursor of a place. */
export function cursorOf({ service, position }: Place): string {
  return position === undefined ? service : `${service} ${position}`
}

/** The place of a cursor; undefined, the beginning, when it cannot be read. */
export function placeOf(cursor: string | undefined): Place | undefined {
  const [, service, position] = /^([a-z][a-z0-9-]*)(?: (.+))?$/.exec(cursor ?? '') ?? []
  return service === undefined ? undefined : { service, ...(position === undefined ? {} : { position }) }
}
