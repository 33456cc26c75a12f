/** What the wording of a kind consists of, in one language. */
import type { Facts } from './kinds.ts'

/** Wording of a kind in one language. Markup in what they return is escaped, never obeyed. */
export interface Wording {
  /** What the kind is about, for the preferences. */
  readonly about: string
  readonly title: (facts: Facts) => string
  /** Paragraphs. The bell shows the first one. */
  readonly body: (facts: Facts) => readonly string[]
  /** Label of the button of a mail, which leads to `facts.url` or to the page. */
  readonly action?: string
}
