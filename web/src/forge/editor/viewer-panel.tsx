import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/page.tsx'
import { Failed } from '../../parts/states.tsx'
import { fileLinkQuery } from '../shop/data.ts'
import classes from './viewer.module.css'
import type { ViewerProps } from './viewer.tsx'

/** three.js comes with it. */
const Viewer = lazy(() => import('./viewer.tsx').then((module) => ({ default: module.Viewer })))

/** The viewer on its ground; a still picture where the browser has no WebGL. */
export function ViewerPanel({
  triangles,
  failed,
  color,
  thumbnailFileId,
  ...rest
}: Omit<ViewerProps, 'triangles' | 'color' | 'onNoPicture'> & {
  triangles: ViewerProps['triangles'] | undefined
  failed: unknown
  color: string | undefined
  thumbnailFileId: string | undefined
}) {
  const { t } = useTranslation()
  const [noPicture, setNoPicture] = useState(false)
  const giveUp = useCallback(() => setNoPicture(true), [])
  const waiting = <Skeleton className={classes.stage!} role="status" aria-label={t('state.loading')} />
  return (
    <Section>
      {failed ? (
        <Failed error={failed} />
      ) : noPicture ? (
        <Still name={rest.name} fileId={thumbnailFileId} />
      ) : triangles ? (
        <Suspense fallback={waiting}>
          <Viewer {...rest} triangles={triangles} color={color ?? '#8a8ea3'} onNoPicture={giveUp} />
        </Suspense>
      ) : (
        waiting
      )}
    </Section>
  )
}

function Still({ name, fileId }: { name: string; fileId: string | undefined }) {
  const { t } = useTranslation()
  const link = useQuery({ ...fileLinkQuery(fileId ?? '', true), enabled: fileId !== undefined })
  return (
    <div className={`${classes.stage} ${classes.fallback}`}>
      {link.data && <img src={link.data} alt={name} />}
      <Text size="sm" c="dimmed" maw={420}>
        {t('editor.viewer.noWebGl')}
      </Text>
    </div>
  )
}
