/**
 * Reads JSON bodies strictly (I-JSON, RFC 7493): what two parsers could understand differently is refused. Accepts
 * exactly what `JSON.parse` accepts, but for duplicate keys, `__proto__` keys, NUL characters, lone surrogates, bytes
 * that are not UTF-8, and more than 64 levels.
 */
import { isUtf8 } from 'node:buffer'
import { Refusal } from '../contract/problem.ts'

const MAX_DEPTH = 64

/**
 * Parses a body.
 * @throws Refusal `malformedRequest` whose detail names the trouble and, for syntax errors, line and column.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes))
    throw malformed(`The body is not valid UTF-8 (first bad byte at ${firstBadByte(bytes)}).`)
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw malformed(syntaxDetail(text, error as Error))
  }
  if (typeof value === 'object' && value !== null) {
    // Escapes are the only way to a NUL or a lone surrogate in valid UTF-8, so most bodies skip that check.
    const keys = countKeys(value, 1, text.includes('\\u'))
    // JSON.parse keeps the last of equal keys: fewer keys than colons outside of strings means that some were equal.
    if (keys !== countColons(text))
      throw malformed(`The key ${JSON.stringify(duplicateKey(text))} appears twice in one object.`)
  } else if (typeof value === 'string' && text.includes('\\u')) checkText(value)
  return value
}

export function malformed(detail: string): Refusal {
  return new Refusal('malformedRequest', detail)
}

/** Counts the keys in the whole value and refuses what must not be in it. */
function countKeys(value: object, depth: number, escapes: boolean): number {
  if (depth > MAX_DEPTH) throw malformed(`The body is nested more than ${MAX_DEPTH} levels deep.`)
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null) count += countKeys(item, depth + 1, escapes)
      else if (escapes && typeof item === 'string') checkText(item)
    }
    return count
  }
  for (const key of Object.keys(value)) {
    count++
    if (key === '__proto__') throw malformed('The key "__proto__" is not allowed.')
    const item = (value as Record<string, unknown>)[key]
    if (typeof item === 'object' && item !== null) count += countKeys(item, depth + 1, escapes)
    else if (escapes && typeof item === 'string') checkText(item)
    if (escapes) checkText(key)
  }
  return count
}

function checkText(text: string): void {
  if (text.includes('\0')) throw malformed('A text in the body contains the NUL character (\\u0000).')
  if (!text.isWellFormed())
    throw malformed('A text in the body contains half of a surrogate pair (\\ud800 to \\udfff).')
}

/** Colons outside of strings: one for each key. `text` is valid JSON. */
function countColons(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 58) count++
    else if (code === 34) at = endOfString(text, at)
  }
  return count
}

/** Position of the quote that ends the string which begins at `from`. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1)
  for (;;) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
}

/** The first key of valid JSON that its object already has. Only called when there is one. */
function duplicateKey(text: string): string {
  const objects: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '{') objects.push(new Set())
    else if (char === '[') objects.push(undefined)
    else if (char === '}' || char === ']') objects.pop()
    else if (char === '"') {
      const end = endOfString(text, at)
      if (/^\s*:/.test(text.slice(end + 1, end + 1000))) {
        const key: string = JSON.parse(text.slice(at, end + 1))
        const seen = objects.at(-1)
        if (seen?.has(key)) return key
        seen?.add(key)
      }
      at = end
    }
  }
  return ''
}

/** Where JSON.parse stopped, in words. V8 tells the position in most messages; without one the text ended early. */
function syntaxDetail(text: string, error: Error): string {
  if (text.trim() === '') return 'The body is empty; JSON is expected.'
  const position = /at position (\d+)/.exec(error.message)
  const at = position ? Number(position[1]) : text.length
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  const found =
    at < text.length
      ? `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))}`
      : 'the text ends too early'
  return `The body is not valid JSON: ${found} at line ${line}, column ${column}.`
}

/** Decoding replaces what is not UTF-8, so the bytes differ from there on. */
function firstBadByte(bytes: Buffer): number {
  const decoded = Buffer.from(bytes.toString('utf8'))
  let at = 0
  while (bytes[at] === decoded[at]) at++
  return at
}
