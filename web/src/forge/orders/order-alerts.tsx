import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconClockHour4, IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { fullTime } from '../../parts/time.tsx'
import { forge, onceKey } from '../api.ts'
import { useMoney } from '../words.ts'
import { type Order, ordersKey } from './data.ts'

/** What the customer is asked, and what went another way than hoped. */
export function OrderAlerts({ order }: { order: Order }) {
  const { t } = useTranslation()
  const money = useMoney()
  const [key] = useState(onceKey)
  const accept = useAction({
    run: () =>
      forge.shop.acceptPrice({
        params: { orderId: order.orderId },
        body: { total: order.total ?? 0 },
        idempotencyKey: `${key}-${order.version}`,
      }),
    done: t('orders.accepted'),
    refresh: [ordersKey],
    onFail: () => undefined,
  })
  if (order.needsAcceptance && order.may.includes('acceptPrice') && order.total !== undefined)
    return (
      <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title={t('orders.acceptTitle')}>
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{t('orders.acceptAbout', { total: money(order.total, order.currency) })}</Text>
          <Group gap="sm">
            <Button loading={accept.isPending} onClick={() => accept.mutate()}>
              {t('orders.accept', { total: money(order.total, order.currency) })}
            </Button>
          </Group>
        </Stack>
      </Alert>
    )
  if (order.state === 'draft')
    return (
      <Alert icon={<IconClockHour4 size={20} />} title={t('orders.pricing')} role="status">
        {t(order.ordered ? 'orders.pricingOrder' : 'orders.pricingQuote')}
      </Alert>
    )
  if (order.state === 'quoted' && order.may.includes('place'))
    return (
      <Alert color="green" icon={<IconInfoCircle size={20} />} title={t('orders.quoteReady')}>
        <Stack gap="sm" align="flex-start">
          {order.validUntil && (
            <Text size="sm">{t('orders.quoteUntil', { time: fullTime(order.validUntil) })}</Text>
          )}
          <Button
            renderRoot={(props) => <Link to="/forge/checkout" search={{ quote: order.orderId }} {...props} />}
          >
            {t('orders.place')}
          </Button>
        </Stack>
      </Alert>
    )
  if (order.reason)
    return (
      <Alert
        color={order.state === 'rejected' ? 'red' : 'gray'}
        icon={<IconInfoCircle size={20} />}
        title={t(`orders.state.${order.state}`)}
      >
        {order.reason}
      </Alert>
    )
  return null
}
