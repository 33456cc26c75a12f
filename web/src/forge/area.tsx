/** The pages of one area of the workshop, such as the office: where one can go in it. */
import { Box } from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { type ReactNode, Suspense } from 'react'
import { useMay } from '../me.ts'
import { PagePending } from '../shell/fallbacks.tsx'
import classes from './area.module.css'

export interface AreaTab {
  readonly to: string
  readonly label: string
  /** Who lacks it does not see the page. */
  readonly permission?: string
  /** Something that waits there. */
  readonly badge?: ReactNode
}

export function Area({ label, tabs }: { label: string; tabs: readonly AreaTab[] }) {
  const may = useMay()
  const shown = tabs.filter(({ permission }) => !permission || may(permission))
  return (
    <Box w="100%">
      {shown.length > 1 && (
        <nav aria-label={label} className={classes.nav}>
          <ul className={classes.tabs}>
            {shown.map((tab, index) => (
              <li key={tab.to}>
                <Link
                  to={tab.to}
                  className={classes.tab!}
                  activeOptions={{ exact: index === 0, includeSearch: false }}
                >
                  {tab.label}
                  {tab.badge}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      <Suspense fallback={<PagePending />}>
        <Outlet />
      </Suspense>
    </Box>
  )
}
