import type { Mesh } from './mesh.ts'

/**
 * The mesh of a soup of triangles (nine coordinates per face): corners with exactly equal coordinates become one vertex,
 * in the order in which they first occur. Uses up `soup`: its memory is compacted in place. Open addressing, since a
 * Map of strings or objects would take most of the time of reading a file.
 */
export function weldSoup(soup: Float32Array | Float64Array): Mesh {
  const { count, remap } = soup instanceof Float32Array ? weldSingle(soup) : weldDouble(soup)
  return { positions: soup.slice(0, count * 3), indices: remap }
}

/** The same mesh without vertices that occur twice. Faces keep their order, and some may become degenerate. */
export function weldVertices(mesh: Mesh): Mesh {
  const positions = mesh.positions.slice()
  const { count, remap } = positions instanceof Float32Array ? weldSingle(positions) : weldDouble(positions)
  if (count * 3 === positions.length) return mesh
  return { positions: positions.slice(0, count * 3), indices: mesh.indices.map((vertex) => remap[vertex]!) }
}

const EMPTY = -1

function tableFor(points: number): Int32Array {
  // A closed surface has half as many vertices as faces, and a sixth as many as corners.
  let size = 1024
  while (size < points / 2) size *= 2
  return new Int32Array(size).fill(EMPTY)
}

function weldSingle(positions: Float32Array): { count: number; remap: Uint32Array } {
  const bits = new Int32Array(positions.buffer, positions.byteOffset, positions.length)
  const points = positions.length / 3
  const remap = new Uint32Array(points)
  let table = tableFor(points)
  let shift = 32 - Math.log2(table.length)
  let mask = table.length - 1
  let count = 0
  for (let point = 0, at = 0; point < points; point++, at += 3) {
    let x = bits[at]!
    let y = bits[at + 1]!
    let z = bits[at + 2]!
    // Minus zero is zero.
    if (x === -0x80000000) x = 0
    if (y === -0x80000000) y = 0
    if (z === -0x80000000) z = 0
    let slot = hash(x, y, z) >>> shift
    for (;;) {
      const found = table[slot]!
      if (found === EMPTY) {
        table[slot] = count
        remap[point] = count
        const to = count * 3
        bits[to] = x
        bits[to + 1] = y
        bits[to + 2] = z
        count++
        if (count * 2 > table.length) {
          table = new Int32Array(table.length * 4).fill(EMPTY)
          shift -= 2
          mask = table.length - 1
          for (let old = 0; old < count; old++) {
            let free = hash(bits[old * 3]!, bits[old * 3 + 1]!, bits[old * 3 + 2]!) >>> shift
            while (table[free] !== EMPTY) free = (free + 1) & mask
            table[free] = old
          }
        }
        break
      }
      const of = found * 3
      if (bits[of] === x && bits[of + 1] === y && bits[of + 2] === z) {
        remap[point] = found
        break
      }
      slot = (slot + 1) & mask
    }
  }
  return { count, remap }
}

function weldDouble(positions: Float64Array): { count: number; remap: Uint32Array } {
  const words = new Int32Array(positions.buffer, positions.byteOffset, positions.length * 2)
  const points = positions.length / 3
  const remap = new Uint32Array(points)
  let table = tableFor(points)
  let count = 0
  const slotOf = (point: number) => {
    const at = point * 6
    const low = hash(words[at]!, words[at + 2]!, words[at + 4]!)
    const high = hash(words[at + 1]!, words[at + 3]!, words[at + 5]!)
    return (low ^ Math.imul(high, 0x2c1b3c6d)) >>> (32 - Math.log2(table.length))
  }
  for (let point = 0; point < points; point++) {
    // Minus zero is zero.
    for (let axis = 0; axis < 3; axis++) positions[point * 3 + axis]! += 0
    const x = positions[point * 3]!
    const y = positions[point * 3 + 1]!
    const z = positions[point * 3 + 2]!
    let slot = slotOf(point)
    for (;;) {
      const found = table[slot]!
      if (found === EMPTY) {
        table[slot] = count
        remap[point] = count
        positions[count * 3] = x
        positions[count * 3 + 1] = y
        positions[count * 3 + 2] = z
        count++
        if (count * 2 > table.length) {
          table = new Int32Array(table.length * 4).fill(EMPTY)
          for (let old = 0; old < count; old++) {
            let free = slotOf(old)
            while (table[free] !== EMPTY) free = (free + 1) & (table.length - 1)
            table[free] = old
          }
        }
        break
      }
      if (positions[found * 3] === x && positions[found * 3 + 1] === y && positions[found * 3 + 2] === z) {
        remap[point] = found
        break
      }
      slot = (slot + 1) & (table.length - 1)
    }
  }
  return { count, remap }
}

/**
 * Mixes three words; the upper bits are the good ones. One after another: sums and exclusive ors of products would
 * give (x, y) and (-x, -y) the same slot, and most models have that symmetry.
 */
function hash(x: number, y: number, z: number): number {
  let mixed = Math.imul(x, 0x9e3779b1)
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + y, 0x85ebca77)
  mixed = Math.imul((mixed ^ (mixed >>> 13)) + z, 0xc2b2ae3d)
  mixed ^= mixed >>> 16
  return Math.imul(mixed, 0x297a2d39)
}
