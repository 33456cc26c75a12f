/** The office: its pages, and what somebody without its permissions is told. */
import { Badge, Button } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay, useMe } from '../../me.ts'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { useRuns } from '../../services.ts'
import { Area } from '../area.tsx'
import { countsQuery, useInboxLive, useLooks } from './data.ts'

export const officePages = [
  { to: '/forge/office', name: 'inbox', permission: 'orders:confirm', service: 'crm' },
  { to: '/forge/office/customers', name: 'customers', permission: 'customers:read', service: 'crm' },
  { to: '/forge/office/tasks', name: 'tasks', permission: 'customers:read', service: 'crm' },
  { to: '/forge/office/prices-waiting', name: 'prices', permission: 'prices:manage', service: 'mes' },
  { to: '/forge/office/items', name: 'items', permission: 'shop:manage', service: 'shop' },
  { to: '/forge/office/retention', name: 'retention', permission: 'shop:manage', service: 'shop' },
] as const

/** The tabs of the office above its pages. */
export function Office() {
  const { t } = useTranslation()
  const runs = useRuns()
  return (
    <Area
      label={t('place.office')}
      tabs={officePages
        .filter(({ service }) => runs(service))
        .map(({ to, name, permission }) => ({
          to,
          label: t(`office.tab.${name}`),
          permission,
          ...(name === 'inbox' ? { badge: <WaitingOrders /> } : {}),
        }))}
    />
  )
}

function WaitingOrders() {
  const { t } = useTranslation()
  useInboxLive()
  const waiting = useQuery({ ...countsQuery, refetchInterval: useLooks() }).data?.waiting ?? 0
  if (waiting === 0) return null
  return (
    <Badge size="sm" circle={waiting < 10} aria-label={t('office.inbox.waitingCount', { count: waiting })}>
      {waiting < 1000 ? waiting : '999+'}
    </Badge>
  )
}

/** Shows a page to those who hold one of `permissions`; the others are told what it takes. */
export function Needs({
  permissions,
  children,
}: {
  permissions: readonly string[]
  children: () => ReactNode
}) {
  const { t } = useTranslation()
  const me = useMe()
  const may = useMay()
  const runs = useRuns()
  if (me.isPending) return <Waiting rows={4} height={80} />
  if (!me.data) return <Failed error={me.error} retry={() => void me.refetch()} />
  if (permissions.some(may)) return children()
  const open = officePages.find(({ permission, service }) => may(permission) && runs(service))
  return (
    <Page wide title={t('office.denied.title')}>
      <Section>
        <Empty
          icon={IconLock}
          title={t('office.denied.title')}
          action={
            <Button
              variant="default"
              renderRoot={(props) => <Link to={open ? open.to : '/forge/orders'} {...props} />}
            >
              {t(open ? 'office.denied.elsewhere' : 'office.denied.orders')}
            </Button>
          }
        >
          {t('office.denied.about', { permission: permissions[0] })}
        </Empty>
      </Section>
    </Page>
  )
}

/** Who opens the office without its inbox lands on the first page they may see. */
export function Entrance({ children }: { children: ReactNode }) {
  const may = useMay()
  const runs = useRuns()
  const first = officePages.find(({ permission, service }) => may(permission) && runs(service))
  if (first && first.to !== '/forge/office') return <Navigate to={first.to} replace />
  return children
}
