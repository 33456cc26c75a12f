/** Search in names without an extension of the database: three-letter pieces in an array, which a GIN index serves. */

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е')
}

function words(text: string): string[] {
  return fold(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The pieces of a word: every three letters; of its beginning also one and two, marked with spaces. */
function pieces(word: string): string[] {
  const letters = [...word]
  const found = [`  ${letters[0]}`]
  if (letters.length > 1) found.push(` ${letters[0]}${letters[1]}`)
  for (let i = 0; i + 3 <= letters.length; i++) found.push(letters.slice(i, i + 3).join(''))
  return found
}

/** What is stored beside the texts: pieces for the index, and the text that a find is checked against. */
export function searchable(...texts: readonly string[]): { readonly text: string; readonly grams: string[] } {
  return {
    text: fold(texts.filter(Boolean).join('\n')),
    grams: [...new Set(texts.flatMap(words).flatMap(pieces))].sort(),
  }
}

/** What to ask for: `grams` that a match must have, `words` that must occur in it. Undefined: nothing to search for. */
export function searchFor(input: string): { readonly grams: string[]; readonly words: string[] } | undefined {
  const wanted = words(input)
  if (wanted.length === 0) return undefined
  const grams = wanted.flatMap((word) => {
    const length = [...word].length
    // Below three letters only the beginning of a word can be found.
    return length < 3 ? [`${' '.repeat(3 - length)}${word}`] : pieces(word).slice(2)
  })
  return { grams: [...new Set(grams)].sort(), words: wanted }
}
