import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconArrowLeft, IconReceiptOff } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { fullTime } from '../../parts/time.tsx'
import { useRuns } from '../../services.ts'
import classes from '../shop/cart.module.css'
import { countryName } from '../shop/countries.ts'
import { LinePrice } from '../shop/line-price.tsx'
import { useOptionsWords } from '../shop/options-words.ts'
import { useMoney } from '../words.ts'
import { type Order, orderColors, useOrder } from './data.ts'
import { OrderActions } from './order-actions.tsx'
import { OrderAlerts } from './order-alerts.tsx'
import { Road } from './road.tsx'
import { Thread } from './thread.tsx'
import { Timeline } from './timeline.tsx'

const route = getRouteApi('/app/forge/orders/$orderId')

/** One order or quote: where it stands, what is in it, and what can be done with it. */
export function OrderPage() {
  const { t } = useTranslation()
  const { orderId } = route.useParams()
  const order = useOrder(orderId)
  if (isProblem(order.error, 'notFound'))
    return (
      <Page wide title={t('orders.gone')}>
        <Section>
          <Empty icon={IconReceiptOff} title={t('orders.gone')} action={<Back />}>
            {t('orders.goneAbout')}
          </Empty>
        </Section>
      </Page>
    )
  if (!order.data)
    return (
      <Page wide title={t('orders.title')}>
        {order.isError ? (
          <Failed error={order.error} retry={() => void order.refetch()} />
        ) : (
          <Waiting rows={5} height={80} />
        )}
      </Page>
    )
  return <Opened order={order.data} />
}

function Back() {
  const { t } = useTranslation()
  return (
    <Anchor renderRoot={(props) => <Link to="/forge/orders" {...props} />}>
      <Group gap={6} component="span">
        <IconArrowLeft size={16} aria-hidden />
        {t('orders.all')}
      </Group>
    </Anchor>
  )
}

function Opened({ order }: { order: Order }) {
  const { t } = useTranslation()
  const runs = useRuns()
  return (
    <Page
      wide
      title={t(order.ordered ? 'orders.named' : 'orders.quoteNamed', { number: order.number })}
      actions={<OrderActions order={order} />}
    >
      <Group justify="space-between">
        <Back />
        <Badge size="lg" color={orderColors[order.state]} role="status">
          {t(`orders.state.${order.state}`)}
        </Badge>
      </Group>
      <OrderAlerts order={order} />
      <Road order={order} />
      <div className={classes.columns}>
        <Stack gap="lg" miw={0}>
          <Lines order={order} />
          {runs('crm') && order.placedAt && <Thread orderId={order.orderId} />}
        </Stack>
        <Stack gap="lg" miw={0}>
          <About order={order} />
          <Timeline orderId={order.orderId} version={order.version} currency={order.currency} />
        </Stack>
      </div>
    </Page>
  )
}

function Lines({ order }: { order: Order }) {
  const { t } = useTranslation()
  const money = useMoney()
  const optionsWords = useOptionsWords()
  return (
    <Section title={t('orders.content')}>
      <ul className={classes.lines}>
        {order.lines.map((line) => (
          <li key={line.lineId} className={classes.line} style={{ paddingInline: 0 }}>
            <Stack gap={2} flex="1 1 220px" miw={0}>
              {line.modelId ? (
                <Link
                  to="/forge/models/$modelId"
                  params={{ modelId: line.modelId }}
                  className={classes.name!}
                >
                  {line.quantity} × {line.name}
                </Link>
              ) : (
                <Text fw={600}>
                  {line.quantity} × {line.name}
                </Text>
              )}
              {line.options && (
                <Text size="sm" c="dimmed">
                  {optionsWords(line.options)}
                </Text>
              )}
            </Stack>
            <div className={classes.price}>
              <LinePrice line={line} currency={order.currency} />
            </div>
          </li>
        ))}
      </ul>
      <Stack gap={6}>
        {order.delivery && (
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {t(`shop.delivery.${order.delivery.method}`)}
            </Text>
            <Text size="sm" className="numbers">
              {money(order.delivery.price, order.currency)}
            </Text>
          </Group>
        )}
        <Group justify="space-between" align="baseline">
          <Text fw={600}>{t('orders.total')}</Text>
          <Text className={`${classes.total} numbers`}>
            {order.total === undefined ? t('orders.notYet') : money(order.total, order.currency)}
          </Text>
        </Group>
      </Stack>
    </Section>
  )
}

function About({ order }: { order: Order }) {
  const { t } = useTranslation()
  const { delivery } = order
  const address = delivery?.address
  return (
    <Section title={t('orders.details')}>
      <Facts>
        {order.placedAt && <Fact name={t('orders.placed')}>{fullTime(order.placedAt)}</Fact>}
        {order.dueAt && <Fact name={t('orders.due')}>{fullTime(order.dueAt)}</Fact>}
        {order.ordered && (
          <Fact name={t('orders.payment')}>
            {t(`shop.payment.${order.payment.method}`)} · {t(`orders.paid.${order.payment.state}`)}
          </Fact>
        )}
        {order.customer.name && (
          <Fact name={t('orders.customer')}>
            {order.customer.name}
            <br />
            {order.customer.email}
          </Fact>
        )}
        {delivery && (
          <Fact name={t('orders.delivery')}>
            {t(`shop.delivery.${delivery.method}`)}
            {address && (
              <>
                <br />
                {address.name}
                <br />
                {address.street}
                <br />
                {address.postalCode} {address.city}
                <br />
                {countryName(address.country, currentLanguage())}
              </>
            )}
          </Fact>
        )}
        {order.tracking && (
          <Fact name={t('orders.parcel')}>
            {order.tracking.carrier} {order.tracking.number}
          </Fact>
        )}
        {order.note && <Fact name={t('orders.note')}>{order.note}</Fact>}
      </Facts>
      {!order.ordered && (
        <Button mt="md" variant="default" renderRoot={(props) => <Link to="/forge/cart" {...props} />}>
          {t('orders.toCart')}
        </Button>
      )}
    </Section>
  )
}
