/** Where parts are put, and how they look there: pure. */
import { drawMesh } from '@pleiad/workshop/mesh/draw'
import { boundsOf, sizeOf } from '@pleiad/workshop/mesh/measure'
import { faceCount, type Mesh, MeshError, refuseTooMany } from '@pleiad/workshop/mesh/mesh'
import { orientForPrinting } from '@pleiad/workshop/mesh/orient'
import { droppedToBed, type Rotation, rotated, scaled } from '@pleiad/workshop/mesh/place'
import { arranged, packPlates } from '@pleiad/workshop/mesh/plate'
import { readStl } from '@pleiad/workshop/mesh/stl'
import type { Placement } from './contract.ts'
import { limitsOf } from './formats.ts'
import { encodePng } from './png.ts'
import type { Task } from './tasks.ts'

const PIXELS = 512

/** Scaled, turned and put on the bed. */
function put(mesh: Mesh, { scale, rotation, orient }: Placement): Mesh {
  const sized = scale ? scaled(mesh, [scale.x, scale.y, scale.z]) : mesh
  if (orient) return orientForPrinting(sized).mesh
  return droppedToBed(rotation ? rotated(sized, rotation as unknown as Rotation) : sized)
}

/** A part, scaled and turned, standing on the bed. */
export const placed = ({ bytes, placement }: Extract<Task, { kind: 'placed' }>): Mesh =>
  put(readStl(bytes), placement)

/** Many parts as one mesh, side by side on one plate. Throws `MeshError` where they do not fit. */
export function plated(task: Extract<Task, { kind: 'plate' }>): Mesh {
  const meshes = task.parts.map(({ bytes, placement }) => put(readStl(bytes), placement))
  const sum = meshes.reduce((faces, mesh, at) => faces + faceCount(mesh) * task.parts[at]!.quantity, 0)
  refuseTooMany(sum, limitsOf(task))
  const each = meshes.flatMap((mesh, at) => Array<Mesh>(task.parts[at]!.quantity).fill(mesh))
  const sizes = each.map((mesh) => {
    const [x, y] = sizeOf(boundsOf(mesh))
    return { x, y }
  })
  const { plateMm, gapMm } = task
  const { spots, plates, unplaced } = packPlates(sizes, { ...plateMm, gapMm })
  if (unplaced.length > 0 || plates > 1)
    throw Object.assign(
      new MeshError(
        'meshTooLarge',
        unplaced.length > 0
          ? `Some of the parts are larger than the plate of ${plateMm.x} × ${plateMm.y} mm. Choose a larger one, or turn the parts.`
          : `The parts need ${plates} plates of ${plateMm.x} × ${plateMm.y} mm. Put fewer of them on one, or choose a larger one.`,
      ),
      { code: 'plateTooSmall' },
    )
  return arranged(each, spots, 0)
}

/** A picture of it, as PNG. */
export function drawPicture(mesh: Mesh): Uint8Array<ArrayBuffer> {
  const { width, height, rgba } = drawMesh(mesh, { size: PIXELS })
  return encodePng(width, height, rgba)
}
