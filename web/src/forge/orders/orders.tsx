import { Badge, Button, Group, Select, Stack, Text } from '@mantine/core'
import { IconReceipt } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { useMoney } from '../words.ts'
import { type OrderState, orderColors, ordersKey, useOrdersLive } from './data.ts'

const states = Object.keys(orderColors) as OrderState[]

/** My orders and quotes, live. */
export function Orders() {
  const { t } = useTranslation()
  const money = useMoney()
  const [state, setState] = useState<string | null>(null)
  useOrdersLive()
  const list = useList({
    queryKey: [...ordersKey, 'list', state],
    load: (cursor, signal) =>
      forge.shop.listOrders({
        query: { ...cursor, limit: 25, ...(state ? { state: state as OrderState } : {}) },
        signal,
      }),
  })
  return (
    <Page wide title={t('place.orders')} about={t('orders.about')}>
      <Select
        aria-label={t('orders.filter')}
        placeholder={t('orders.any')}
        w={{ base: '100%', xs: 240 }}
        clearable
        clearButtonProps={{ 'aria-label': t('state.clearFilters') }}
        data={states.map((value) => ({ value, label: t(`orders.state.${value}`) }))}
        value={state}
        onChange={setState}
      />
      <ListPanel
        list={list}
        empty={
          <Empty
            icon={IconReceipt}
            title={t('orders.none')}
            action={
              <Button renderRoot={(props) => <Link to="/forge/models" {...props} />}>
                {t('orders.begin')}
              </Button>
            }
          >
            {t('orders.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(order) => order.orderId}
            link={(order, props) => (
              <Link to="/forge/orders/$orderId" params={{ orderId: order.orderId }} {...props} />
            )}
            columns={[
              {
                title: t('orders.number'),
                cell: (order) => (
                  <Stack gap={2}>
                    <Text fw={600} component="span" className="numbers">
                      {order.number}
                    </Text>
                    <Text size="sm" c="dimmed" component="span">
                      {t('orders.lines', { count: order.lineCount })}
                    </Text>
                  </Stack>
                ),
              },
              {
                title: t('orders.stateTitle'),
                cell: (order) => (
                  <Group gap={6}>
                    <Badge color={orderColors[order.state]}>{t(`orders.state.${order.state}`)}</Badge>
                    {order.needsAcceptance && <Badge color="yellow">{t('orders.asks')}</Badge>}
                  </Group>
                ),
              },
              {
                title: t('orders.total'),
                from: 'xs',
                cell: (order) =>
                  order.total === undefined ? t('orders.notYet') : money(order.total, order.currency),
              },
              { title: t('orders.when'), from: 'sm', cell: (order) => <When time={order.createdAt} /> },
            ]}
          />
        )}
      </ListPanel>
    </Page>
  )
}
