/** The slower checks: walls and self-intersections. */
import { buildTree } from './bvh.ts'
import { type Problem, problemOf } from './check.ts'
import { selfIntersections } from './intersect.ts'
import type { Mesh } from './mesh.ts'
import { thinWalls } from './wall.ts'

export interface DeepReport {
  /** Faces that go through others. */
  readonly selfIntersections: number
  /** Whether the search stopped early: there may be more. */
  readonly bounded: boolean
  /** Faces with a wall behind them below the limit. */
  readonly thinFaces: number
  readonly thinnestMm?: number
  readonly problems: readonly Problem[]
}

export interface DeepOptions {
  /** Walls below it are thin. */
  readonly minimumWallMm?: number
  /** Places that are listed per problem. */
  readonly places?: number
  /** Pairs of faces after which the search for intersections stops. */
  readonly pairs?: number
}

/** Looks for faces that go through each other, and for walls below a thickness. Repair first: walls need an outside. */
export function checkDeep(
  mesh: Mesh,
  { minimumWallMm = 0.8, places = 200, pairs = 1000 }: DeepOptions = {},
): DeepReport {
  const tree = buildTree(mesh)
  const found = selfIntersections(mesh, tree, pairs)
  const crossing = [...new Set(found.pairs.flat())].sort((a, b) => a - b)
  const walls = thinWalls(mesh, tree, minimumWallMm)
  const problems: Problem[] = []
  if (crossing.length > 0)
    problems.push(problemOf(mesh, 'selfIntersections', crossing.length, crossing.slice(0, places)))
  if (walls.thin.length > 0)
    problems.push(problemOf(mesh, 'thinWalls', walls.thin.length, walls.thin.slice(0, places)))
  return {
    selfIntersections: crossing.length,
    bounded: found.bounded,
    thinFaces: walls.thin.length,
    ...(walls.thinnestMm !== undefined && { thinnestMm: walls.thinnestMm }),
    problems,
  }
}
