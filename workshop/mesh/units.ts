/** Units of length, and which one a file without units was probably made in. */
import type { Mesh, Vector } from './mesh.ts'

export type Unit = 'micron' | 'mm' | 'cm' | 'm' | 'in' | 'ft'

/** Millimetres in one. */
export const unitFactors: Readonly<Record<Unit, number>> = {
  micron: 0.001,
  mm: 1,
  cm: 10,
  m: 1000,
  in: 25.4,
  ft: 304.8,
}

export interface UnitGuess {
  readonly unit: Unit
  /** False: ask the owner. */
  readonly certain: boolean
}

/**
 * The unit that makes a part of this size (in the unit of the file) one that people have made: from a few millimetres
 * to a metre. STL and OBJ say nothing about it; most are in millimetres, American ones in inches, scenes in metres.
 */
export function guessUnit(size: Vector): UnitGuess {
  const largest = Math.max(...size)
  if (largest >= 8 && largest <= 1000) return { unit: 'mm', certain: true }
  if (largest > 5000) return { unit: 'micron', certain: false }
  if (largest > 1000) return { unit: 'mm', certain: false }
  if (largest >= 0.6) return { unit: 'in', certain: false }
  return { unit: 'm', certain: false }
}

/** The mesh of a file in `unit`, in millimetres. */
export function toMillimetres(mesh: Mesh, unit: Unit): Mesh {
  const factor = unitFactors[unit]
  if (factor === 1) return mesh
  return { positions: mesh.positions.map((value) => value * factor), indices: mesh.indices }
}
