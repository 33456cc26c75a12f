import { Alert, Anchor, Badge, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconArrowLeft, IconInfoCircle, IconReceiptOff } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { Page, Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { fullTime } from '../../parts/time.tsx'
import { orderColors } from '../orders/data.ts'
import { Road } from '../orders/road.tsx'
import { Thread } from '../orders/thread.tsx'
import { Timeline } from '../orders/timeline.tsx'
import classes from '../shop/cart.module.css'
import { type Seen, useSeen } from './data.ts'
import { Needs } from './frame.tsx'
import { Notes } from './notes.tsx'
import { OrderDecision } from './order-decision.tsx'
import { OrderFacts } from './order-facts.tsx'
import { OrderLetters } from './order-letters.tsx'
import { OrderLines } from './order-lines.tsx'
import { OrderMoney } from './order-money.tsx'
import { Tasks } from './tasks.tsx'

const route = getRouteApi('/app/forge/office/$orderId')

/** One order as the office sees it: all that is known of it, and all that can be said to it. */
export function OfficeOrder() {
  const { orderId } = route.useParams()
  return (
    <Needs permissions={['orders:confirm', 'orders:manage']}>
      {() => <Order key={orderId} orderId={orderId} />}
    </Needs>
  )
}

function Order({ orderId }: { orderId: string }) {
  const { t } = useTranslation()
  const { seen, pending, shop, crm } = useSeen(orderId)
  if (seen) return <Opened seen={seen} />
  const error = [shop.error, crm.error].find((each) => each && !isProblem(each, 'notFound'))
  if (pending || error)
    return (
      <Page wide title={t('orders.title')}>
        {error ? (
          <Failed
            error={error}
            retry={() => {
              if (shop.isError) void shop.refetch()
              if (crm.isError) void crm.refetch()
            }}
          />
        ) : (
          <Waiting rows={5} height={80} />
        )}
      </Page>
    )
  return (
    <Page wide title={t('orders.gone')}>
      <Section>
        <Empty icon={IconReceiptOff} title={t('orders.gone')} action={<Back />}>
          {t('office.order.goneAbout')}
        </Empty>
      </Section>
    </Page>
  )
}

function Back() {
  const { t } = useTranslation()
  return (
    <Anchor renderRoot={(props) => <Link to="/forge/office" {...props} />}>
      <Group gap={6} component="span">
        <IconArrowLeft size={16} aria-hidden />
        {t('office.inbox.title')}
      </Group>
    </Anchor>
  )
}

function Opened({ seen }: { seen: Seen }) {
  const { t } = useTranslation()
  const may = useMay()
  const { orderId, shop, crm, customerId } = seen
  return (
    <Page
      wide
      title={t('orders.named', { number: seen.number })}
      about={seen.customerName}
      actions={<OrderDecision seen={seen} />}
    >
      <Group justify="space-between">
        <Back />
        <Group gap={6}>
          {shop?.test && <Badge color="yellow">{t('office.order.rehearsal')}</Badge>}
          {(shop ?? crm)?.channel === 'partner' && <Badge color="gray">{t('office.inbox.partner')}</Badge>}
          <Badge size="lg" color={orderColors[seen.state]} role="status">
            {t(`orders.state.${seen.state}`)}
          </Badge>
        </Group>
      </Group>
      <Said seen={seen} />
      {may('orders:manage') && <OrderLetters orderId={orderId} />}
      {shop && <Road order={shop} />}
      <div className={classes.columns}>
        <Stack gap="lg" miw={0}>
          <OrderLines seen={seen} />
          {crm && <Thread orderId={orderId} side="staff" />}
          {crm && may('customers:read') && <Notes customerId={customerId} orderId={orderId} />}
        </Stack>
        <Stack gap="lg" miw={0}>
          <OrderFacts seen={seen} />
          {shop && <OrderMoney order={shop} />}
          {crm && may('customers:read') && <Tasks orderId={orderId} />}
          {shop && (
            <Timeline orderId={orderId} version={shop.version} currency={shop.currency} side="staff" />
          )}
        </Stack>
      </div>
    </Page>
  )
}

/** What the office said, and what came of it. */
function Said({ seen }: { seen: Seen }) {
  const { t } = useTranslation()
  const { crm, shop } = seen
  if (crm?.refusal)
    return (
      <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title={t('office.order.refused')}>
        {crm.refusal}
      </Alert>
    )
  if (crm && crm.decision !== 'waiting' && crm.decidedAt)
    return (
      <Alert
        color={crm.decision === 'rejected' ? 'red' : 'green'}
        icon={<IconInfoCircle size={20} />}
        title={t(`office.order.${crm.decision}`, {
          name: crm.decidedByName || t('orders.by.staff'),
          time: fullTime(crm.decidedAt),
        })}
      >
        <Stack gap={4}>
          {crm.reason && (
            <Text size="sm" className="wrap-anywhere">
              {crm.reason}
            </Text>
          )}
          {shop?.reason && shop.reason !== crm.reason && (
            <Text size="sm" className="wrap-anywhere">
              {t(`orders.state.${shop.state}`)}: {shop.reason}
            </Text>
          )}
        </Stack>
      </Alert>
    )
  if (shop?.reason)
    return (
      <Alert color="gray" icon={<IconInfoCircle size={20} />} title={t(`orders.state.${shop.state}`)}>
        {shop.reason}
      </Alert>
    )
  return null
}
