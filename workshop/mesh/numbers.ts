/** Decimal numbers out of bytes, without a string for each. */

/** What a scanner read last, so that reading a number makes no object. */
export interface Scanner {
  readonly bytes: Uint8Array
  at: number
}

const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/**
 * The decimal number at `scanner.at`, which moves behind it. NaN when there is none (`nan` and `inf` are none). Exact
 * for up to 15 digits and small exponents, else as `Number` reads it (W. D. Clinger, 1990: the fast path).
 */
export function scanNumber(scanner: Scanner): number {
  const { bytes } = scanner
  const start = scanner.at
  let at = start
  let negative = false
  if (bytes[at] === 45) {
    negative = true
    at++
  } else if (bytes[at] === 43) at++
  let mantissa = 0
  let digits = 0
  let exponent = 0
  let seen = false
  for (; ; at++) {
    const digit = bytes[at]! - 48
    if (!(digit >= 0 && digit <= 9)) break
    mantissa = mantissa * 10 + digit
    if (mantissa !== 0) digits++
    seen = true
  }
  if (bytes[at] === 46) {
    at++
    for (; ; at++) {
      const digit = bytes[at]! - 48
      if (!(digit >= 0 && digit <= 9)) break
      mantissa = mantissa * 10 + digit
      if (mantissa !== 0) digits++
      exponent--
      seen = true
    }
  }
  if (!seen) return Number.NaN
  if (bytes[at] === 101 || bytes[at] === 69) {
    let after = at + 1
    const sign = bytes[after] === 45 ? -1 : 1
    if (bytes[after] === 45 || bytes[after] === 43) after++
    let power = 0
    const from = after
    for (; ; after++) {
      const digit = bytes[after]! - 48
      if (!(digit >= 0 && digit <= 9)) break
      if (power < 10_000) power = power * 10 + digit
    }
    if (after === from) return Number.NaN
    exponent += sign * power
    at = after
  }
  scanner.at = at
  if (digits <= 15 && exponent >= -22 && exponent <= 22) {
    const value = exponent < 0 ? mantissa / powers[-exponent]! : mantissa * powers[exponent]!
    return negative ? -value : value
  }
  return Number(String.fromCharCode(...bytes.subarray(start, Math.min(at, start + 400))))
}

/** Moves over spaces, tabs and ends of lines. */
export function skipSpace(scanner: Scanner): void {
  const { bytes } = scanner
  let at = scanner.at
  while (bytes[at] === 32 || (bytes[at]! >= 9 && bytes[at]! <= 13)) at++
  scanner.at = at
}

/** The line of a byte, counted from 1, for messages. */
export function lineOf(bytes: Uint8Array, at: number): number {
  let line = 1
  for (let byte = 0; byte < at; byte++) if (bytes[byte] === 10) line++
  return line
}

/** Numbers that grow by doubling. */
export interface Growing<A extends Float64Array | Float32Array | Uint32Array> {
  array: A
  length: number
}

/** Makes room for `more` numbers. */
export function reserve<A extends Float64Array | Float32Array | Uint32Array>(
  growing: Growing<A>,
  more: number,
): void {
  if (growing.length + more <= growing.array.length) return
  const size = Math.max(growing.array.length * 2, growing.length + more, 1024)
  const larger = new (growing.array.constructor as new (size: number) => A)(size)
  larger.set(growing.array.subarray(0, growing.length) as never)
  growing.array = larger
}
