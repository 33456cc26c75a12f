/** Rows of the database as objects: names in camel case, null as absent. */

export type Row = Readonly<Record<string, unknown>>

const names = new Map<string, string>()
function nameOf(column: string): string {
  let name = names.get(column)
  if (name === undefined) {
    name = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    names.set(column, name)
  }
  return name
}

/** The row as `T` says; the caller's `select` decides whether that is true. */
export function objectOf<T>(row: Row): T {
  const object: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row)) if (value !== null) object[nameOf(column)] = value
  return object as T
}

/** `{ field: value }`, or nothing where there is no value: for fields that may be absent. */
export function present<K extends string, V>(field: K, value: V | undefined | null): { [P in K]?: V } {
  return value === undefined || value === null ? {} : ({ [field]: value } as { [P in K]?: V })
}
