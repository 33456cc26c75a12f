/** Words that people are found by. */

/** Lower-case address and words of the name, each as the search finds them. */
export function wordsOf(email: string | null, name: string): string[] {
  const words = name
    .toLowerCase()
    .split(/[\s,;.]+/)
    .filter(Boolean)
  return [...new Set([...(email ? [email, ...email.split('@')] : []), ...words])]
    .map((word) => word.slice(0, 100))
    .slice(0, 12)
}

/** The beginning that a search looks for, and where the words with another beginning start. */
export function searchRange(search: string): { from: string; to: string } {
  const from = search.trim().toLowerCase()
  return { from, to: `${from}\u{10ffff}` }
}
