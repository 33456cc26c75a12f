import { Button } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../me.ts'
import { Page, Section } from '../parts/page.tsx'
import { Empty, Failed, Waiting } from '../parts/states.tsx'

/** A page for those who have a permission; everybody else reads who could help. */
export function Only({
  permission,
  title,
  about,
  children,
}: {
  permission: string
  title: string
  /** What the page is for, and whom to ask for it. */
  about: string
  children: ReactNode
}) {
  const { t } = useTranslation()
  const me = useMe()
  if (me.data?.permissions.includes(permission)) return children
  return (
    <Page wide title={title}>
      {!me.data ? (
        me.isError ? (
          <Failed error={me.error} retry={() => void me.refetch()} />
        ) : (
          <Waiting rows={4} height={72} />
        )
      ) : (
        <Section>
          <Empty
            icon={IconLock}
            title={t('errors.forbidden')}
            action={
              <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
                {t('notFound.home')}
              </Button>
            }
          >
            {about}
          </Empty>
        </Section>
      )}
    </Page>
  )
}
