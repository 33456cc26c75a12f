/** Who may act on whom: administration stays within one's own permissions, and the last administrator stays. */

/** What auth knows of the person who is acted on. */
export interface Standing {
  readonly permissions: readonly string[]
  readonly administrator: boolean
  readonly otherAdministrators: readonly string[]
}

/** What the person may do and who has the permissions `held` may not. */
export function lacking(held: readonly string[], standing: Standing): string[] {
  return standing.permissions.filter((name) => !held.includes(name))
}

/**
 * Whether nobody could administer without this person. `active` are those of the other administrators whose profiles
 * are active: auth may not have heard yet that one of them was shut out.
 */
export function isLast(standing: Standing, active: readonly string[]): boolean {
  return standing.administrator && !standing.otherAdministrators.some((id) => active.includes(id))
}
