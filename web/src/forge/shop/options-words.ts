/** How a part is to be made, in one line. */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { named, number } from '../words.ts'
import { bookQuery, type PrintOptions } from './data.ts'

/** Ids where the price book does not name them any more. */
export function useOptionsWords(): (options: PrintOptions) => string {
  const { t } = useTranslation()
  const book = useQuery(bookQuery).data?.book
  return (options) => {
    const material = book?.materials.find(({ id }) => id === options.material)
    const color = material?.colors.find(({ id }) => id === options.color)
    const finish = book?.finishes.find(({ id }) => id === options.finish)
    return [
      options.technology.toUpperCase(),
      material ? named(material.names) : options.material,
      color ? named(color.names) : options.color,
      t('shop.layer', { mm: number(options.layerHeightMm, 3) }),
      options.technology === 'fdm' && t('shop.infill', { percent: options.infillPercent }),
      finish ? named(finish.names) : options.finish,
    ]
      .filter(Boolean)
      .join(' · ')
  }
}
