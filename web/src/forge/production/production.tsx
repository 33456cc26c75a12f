import { Button } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../../me.ts'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Failed } from '../../parts/states.tsx'
import { PagePending } from '../../shell/fallbacks.tsx'
import { Area } from '../area.tsx'

/** The frame of the pages of production, for those who work there. */
export function Production() {
  const { t } = useTranslation()
  return (
    <Needs permission="production:work">
      <Area
        label={t('production.pages')}
        tabs={[
          { to: '/forge/production', label: t('production.board.title') },
          { to: '/forge/production/machines', label: t('production.machines.title') },
          { to: '/forge/production/schedule', label: t('production.plan.title') },
          { to: '/forge/production/people', label: t('production.people.title') },
          {
            to: '/forge/production/figures',
            label: t('production.figures.title'),
            permission: 'production:assign',
          },
        ]}
      />
    </Needs>
  )
}

/** Shows `children` to who has the permission, and to others how they get it. */
export function Needs({ permission, children }: { permission: string; children: ReactNode }) {
  const { t } = useTranslation()
  const me = useMe()
  if (me.data?.permissions.includes(permission)) return children
  if (me.isPending) return <PagePending />
  return (
    <Page title={t('place.production')}>
      {me.isError ? (
        <Failed error={me.error} retry={() => void me.refetch()} />
      ) : (
        <Section>
          <Empty
            icon={IconLock}
            title={t('production.notYours')}
            action={
              <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
                {t('notFound.home')}
              </Button>
            }
          >
            {t('production.notYoursAbout')}
          </Empty>
        </Section>
      )}
    </Page>
  )
}
