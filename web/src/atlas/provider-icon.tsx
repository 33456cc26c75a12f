import { contrast } from '../hosted/accent.ts'
import classes from './provider-icon.module.css'
import type { CatalogueEntry } from './provider-list.ts'

/** Brands have white signs; where white would hardly be seen, the sign is dark. The name always stands beside it. */
const VISIBLE = 2.7

/** The provider's sign on a tile of its brand's colour: readable in light and dark, also where the brand is black. */
export function ProviderIcon({ icon, size = 36 }: { icon: CatalogueEntry['icon']; size?: number }) {
  return (
    <span
      className={classes.tile}
      style={{ width: size, height: size, background: icon.color }}
      aria-hidden="true"
    >
      <svg
        width={size * 0.58}
        height={size * 0.58}
        viewBox="0 0 24 24"
        fill={contrast(icon.color, '#ffffff') >= VISIBLE ? '#ffffff' : '#14151f'}
        focusable="false"
        aria-hidden="true"
      >
        <path d={icon.path} />
      </svg>
    </span>
  )
}
