/** Lines every ten millimetres over a plate, around its middle. */
export function gridLines(width: number, depth: number): Float32Array {
  const values: number[] = []
  for (const [span, other, turned] of [
    [width, depth, false],
    [depth, width, true],
  ] as const) {
    const count = Math.ceil(span / 10)
    for (let i = 0; i <= count; i++) {
      const at = Math.min(span, i * 10) - span / 2
      const end = other / 2
      values.push(...(turned ? [-end, at, 0, end, at, 0] : [at, -end, 0, at, end, 0]))
    }
  }
  return new Float32Array(values)
}
