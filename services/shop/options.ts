/** How parts can be made, by the catalogue that holds. */
import type { Catalogue, PrintOptions } from './contract-schemas.ts'

/** The same text for the same options, in whichever order their fields came. */
export function keyOf(options: PrintOptions): string {
  const { technology, material, color, layerHeightMm, infillPercent, supports, finish, quantity } = options
  return [technology, material, color, layerHeightMm, infillPercent, supports, finish, quantity].join(' ')
}

/**
 * What the catalogue does not offer of `options`, by field; without a published price book nothing is known, and the
 * price decides.
 */
export function checkOptions(
  options: PrintOptions,
  catalogue: Catalogue | undefined,
): { path: string; message: string }[] {
  if (!catalogue || catalogue.bookVersion === 0) return []
  const wrong = (field: keyof PrintOptions, message: string) => [{ path: `/body/options/${field}`, message }]
  const technology = catalogue.technologies.find(({ id }) => id === options.technology)
  if (!technology) return wrong('technology', 'is not offered')
  const material = catalogue.materials.find(
    (each) => each.id === options.material && each.technology === options.technology,
  )
  if (!material) return wrong('material', 'is not offered for this technology')
  const { infill } = technology
  return [
    ...(material.colors.some(({ id }) => id === options.color) ? [] : wrong('color', 'is not offered')),
    ...(material.finishes.includes(options.finish)
      ? []
      : wrong('finish', 'is not offered for this material')),
    ...(technology.layerHeightsMm.includes(options.layerHeightMm)
      ? []
      : wrong('layerHeightMm', `is one of ${technology.layerHeightsMm.join(', ')}`)),
    ...(infill && (options.infillPercent < infill.min || options.infillPercent > infill.max)
      ? wrong('infillPercent', `is ${infill.min} to ${infill.max}`)
      : []),
  ]
}
