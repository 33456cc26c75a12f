/** Search in names without an extension of the database: three-letter pieces in an array, which a GIN index serves. */

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е')
}

function words(text: string): string[] {
  return fold(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The text that a search is checked against after the index has found candidates. */
export function searchText(...parts: readonly string[]): string {
  return fold(parts.filter(Boolean).join('\n'))
}

/** Pieces to store: every three letters of a word, and its beginning of one and two (marked with spaces before). */
export function gramsOf(...parts: readonly string[]): string[] {
  const grams = new Set<string>()
  for (const word of parts.flatMap(words)) {
    const letters = [...word]
    grams.add(`  ${letters[0]}`)
    if (letters.length > 1) grams.add(` ${letters[0]}${letters[1]}`)
    for (let i = 0; i + 3 <= letters.length; i++) grams.add(letters.slice(i, i + 3).join(''))
  }
  return [...grams].sort()
}

/** What to ask for: `grams` that a match must have, `words` that must occur in it. Undefined: nothing to search for. */
export function searchFor(input: string): { readonly grams: string[]; readonly words: string[] } | undefined {
  const found = words(input)
  if (found.length === 0) return undefined
  const grams = new Set<string>()
  for (const word of found) {
    const letters = [...word]
    if (letters.length === 1) grams.add(`  ${word}`)
    else if (letters.length === 2) grams.add(` ${word}`)
    else for (let i = 0; i + 3 <= letters.length; i++) grams.add(letters.slice(i, i + 3).join(''))
  }
  return { grams: [...grams].sort(), words: found }
}
