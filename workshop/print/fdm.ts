/**
 * Printing with filament: material and time, layer by layer. Walls follow the contours; solid layers are where a layer near
 * above or below is open; the rest is sparse. Each kind of line has its width, speed and acceleration, a layer that is done too
 * soon is slowed down, and the head travels, retracts and lifts between lines.
 */
import type { Mesh } from '../mesh/mesh.ts'
import { combine } from './combine.ts'
import {
  beyondOf,
  closingReach,
  type Faces,
  type FillPlan,
  facesOf,
  planFill,
  stepsOf,
  windowChanges,
  windowOf,
} from './fill.ts'
import { type LayerWork, layerWork } from './layer.ts'
import { type FdmRole, linesOf, skirtLines, supportLines } from './lines.ts'
import { defaultFdmProfile, type FdmProfile } from './profile.ts'
import { dilate, emptyRegion, type Region } from './region.ts'
import { gridFor, sectionsOf } from './section.ts'
import { heightOf, layerPlanes, sliceMesh } from './slice.ts'
import { type SupportLayer, supportOf } from './support.ts'

export interface FdmSettings {
  readonly layerHeightMm: number
  readonly infillPercent: number
  readonly supports: boolean
}

export interface FdmWork {
  /** mm³ of the part, skirt included. */
  readonly materialMm3: number
  readonly supportMm3: number
  readonly seconds: number
  readonly layers: number
  /** mm³, seconds and separate pieces by kind of line; of `travel` the seconds and the retractions. */
  readonly roles: Readonly<Record<FdmRole | 'travel', { mm3: number; seconds: number; pieces: number }>>
}

/** Material and time of printing the mesh as it stands. */
export function printFdm(
  mesh: Mesh,
  settings: FdmSettings,
  profile: FdmProfile = defaultFdmProfile,
): FdmWork {
  const h = settings.layerHeightMm
  const firstHeight = Math.max(profile.firstLayerHeightMm, 0.05)
  const slices = sliceMesh(mesh, layerPlanes(heightOf(mesh), firstHeight, h))
  const { layers } = slices
  const grid = gridFor(slices.low[1], slices.high[1])
  const roles = emptyRoles()
  if (layers.length === 0) return { materialMm3: 0, supportMm3: 0, seconds: 0, layers: 0, roles }

  const sections = sectionsOf(layers, grid, profile, firstHeight, h)
  const outlines = sections.map(({ outline }) => outline)
  const beyond = { top: beyondOf(outlines, 'top', grid), bottom: beyondOf(outlines, 'bottom', grid) }
  const supports = settings.supports
    ? supportOf(outlines, beyond.bottom, layers, grid, h, profile)
    : undefined
  const density = settings.infillPercent / 100
  const { above, below } = shellLayers(profile, h)
  const filler = { sections, beyond, grid, profile, density, layerMm: h }
  const faces: Faces[] = []
  for (let i = 0; i < sections.length; i++) faces.push(facesOf(filler, i, faces[i - 1]))
  const none = emptyRegion(grid)
  const spread = closingReach(filler)
  const closedIn = (side: 'top' | 'bottom') => (i: number) => {
    const face = dilate(faces[i]?.[side] ?? none, spread, grid)
    const step = i >= 0 && i < sections.length ? stepsOf(filler, i, side) : none
    return combine(face, step, 'or')
  }
  const near = {
    above,
    below,
    fill: windowOf(above + below + 1, (i) => sections[i]!.fill, 'and', none),
    tops: windowOf(above, closedIn('top'), 'or', none),
    bottoms: windowOf(below, closedIn('bottom'), 'or', none),
  }
  let previous: LayerWork | undefined
  const sparseBelow: Region[] = Array.from({ length: bridgedLayers(profile, h) }, () => none)
  let plan: FillPlan | undefined
  let held: SupportLayer | undefined
  let steady = 0
  for (let i = 0; i < sections.length; i++) {
    const height = i === 0 ? firstHeight : h
    // Far enough within a prism, every layer is as the one before.
    const changes = windowChanges(sections, i, above + 1, below + 1)
    steady = changes ? 0 : steady + 1
    if (!plan || steady < 3) {
      plan = planFill(filler, near, faces[i]!, i, sparseBelow)
      previous = undefined
    }
    sparseBelow.pop()
    sparseBelow.unshift(plan.sparse)
    const skirt = i < profile.skirt.layers
    const support = supports?.[i]
    if (!previous || skirt || support !== held) {
      held = support
      const lines = linesOf(filler, i, height, plan)
      if (skirt) lines.push(skirtLines(layers, supports?.[0], grid, profile, height, i === 0))
      if (support) lines.push(...supportLines(support, grid, profile, height))
      previous = layerWork(lines, sections[i]!, profile, i === 0)
    }
    addLayer(roles, previous)
    if (skirt) previous = undefined
  }
  let material = 0
  let seconds = 0
  for (const [role, { mm3, seconds: spent }] of Object.entries(roles)) {
    if (role !== 'support' && role !== 'interface') material += mm3
    seconds += spent
  }
  return {
    materialMm3: material,
    supportMm3: roles.support.mm3 + roles.interface.mm3,
    seconds,
    layers: layers.length,
    roles,
  }
}

/** How many layers must be sparse below a place that is bridged: those that a bridge's thread reaches down. */
const bridgedLayers = (profile: FdmProfile, h: number): number =>
  Math.max(1, Math.floor((profile.nozzleMm * Math.sqrt(profile.bridgeFlow)) / h))

/** How many layers above and below are looked at for surfaces that a layer helps to close. */
export function shellLayers(profile: FdmProfile, h: number): { above: number; below: number } {
  return {
    above: Math.max(profile.topLayers, Math.ceil(profile.topThicknessMm / h - 1e-6)) - 1,
    below: Math.max(profile.bottomLayers, Math.ceil(profile.bottomThicknessMm / h - 1e-6)) - 1,
  }
}

function emptyRoles(): Record<FdmRole | 'travel', { mm3: number; seconds: number; pieces: number }> {
  const none = () => ({ mm3: 0, seconds: 0, pieces: 0 })
  return {
    skirt: none(),
    perimeter: none(),
    external: none(),
    solid: none(),
    top: none(),
    bridge: none(),
    sparse: none(),
    support: none(),
    interface: none(),
    travel: none(),
  }
}

function addLayer(
  roles: Record<FdmRole | 'travel', { mm3: number; seconds: number; pieces: number }>,
  layer: LayerWork,
): void {
  for (const { role, mm3, seconds, pieces } of layer.roles) {
    roles[role].pieces += pieces
    roles[role].mm3 += mm3
    roles[role].seconds += seconds
  }
}
