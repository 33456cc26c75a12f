/** Large holes that no plane shows are closed in space. */
import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import type { Mesh } from './mesh.ts'
import { repair } from './repair.ts'
import { triangulateLoop } from './triangulate-loop.ts'

/** A rim that winds up and back, so that it crosses itself from wherever one looks. */
const coil = (corners: number) =>
  Float64Array.from(
    Array.from({ length: corners }, (_, at) => {
      const turn = (at / corners) * 2 * Math.PI
      return [
        (10 + 4 * Math.cos(5 * turn)) * Math.cos(3 * turn),
        (10 + 4 * Math.cos(5 * turn)) * Math.sin(3 * turn),
        4 * Math.sin(5 * turn),
      ]
    }).flat(),
  )

/** Edges of triangles that no second triangle has the other way round. */
function openEdges(triangles: readonly number[]): string[] {
  const edges = new Set<string>()
  for (let at = 0; at < triangles.length; at += 3)
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const [a, b] = [triangles[at + from]!, triangles[at + to]!]
      expect(edges.has(`${a} ${b}`)).toBe(false)
      if (!edges.delete(`${b} ${a}`)) edges.add(`${a} ${b}`)
    }
  return [...edges]
}

describe('triangulateLoop', () => {
  test.each([97, 400, 3000])('a knot of %i corners is filled along its own edges, each once', (corners) => {
    const triangles = triangulateLoop(coil(corners))!
    expect(triangles).toHaveLength((corners - 2) * 3)
    const rim = Array.from({ length: corners }, (_, at) => `${at} ${(at + 1) % corners}`)
    expect(openEdges(triangles).sort()).toEqual(rim.sort())
  })

  test('edges that are taken are not used, and where that leaves no way there is none', () => {
    const corners = 200
    const banned = (a: number, b: number) => Math.abs(a - b) === 2
    const triangles = triangulateLoop(coil(corners), banned)
    if (triangles)
      for (let at = 0; at < triangles.length; at += 3)
        for (const [from, to] of [
          [0, 1],
          [1, 2],
          [2, 0],
        ] as const)
          expect(banned(triangles[at + from]!, triangles[at + to]!)).toBe(false)
    expect(triangulateLoop(coil(corners), () => true)).toBeUndefined()
    expect(triangulateLoop(new Float64Array(6))).toBeUndefined()
  })
})

test('a mesh with such a hole is closed by repair', () => {
  // A ball without the cap above a rim that waves up and down.
  const [around, rings, radius] = [240, 40, 20]
  const positions: number[] = []
  const indices: number[] = []
  for (let ring = 0; ring < rings; ring++)
    for (let at = 0; at < around; at++) {
      const turn = (at / around) * 2 * Math.PI
      const top = 0.9 + 0.5 * Math.sin(3 * turn)
      const down = Math.PI - ((Math.PI - top) * (ring + 1)) / rings
      positions.push(
        radius * Math.sin(down) * Math.cos(turn),
        radius * Math.sin(down) * Math.sin(turn),
        radius * Math.cos(down),
      )
    }
  const pole = positions.length / 3
  positions.push(0, 0, -radius)
  for (let at = 0; at < around; at++) {
    const next = (at + 1) % around
    indices.push(pole, next, at)
    for (let ring = 0; ring + 1 < rings; ring++) {
      const [a, b, c, d] = [
        ring * around + at,
        ring * around + next,
        (ring + 1) * around + at,
        (ring + 1) * around + next,
      ]
      indices.push(a, b, d, a, d, c)
    }
  }
  const open: Mesh = { positions: Float64Array.from(positions), indices: Uint32Array.from(indices) }
  expect(check(open)).toMatchObject({ watertight: false, holes: 1 })
  const { after, mended } = repair(open)
  expect(after).toMatchObject({ watertight: true, insideOutShells: 0 })
  expect(mended.filledHoles).toBe(1)
  const ball = (4 / 3) * Math.PI * radius ** 3
  expect(after.volumeMm3).toBeGreaterThan(ball * 0.5)
  expect(after.volumeMm3).toBeLessThan(ball)
})
