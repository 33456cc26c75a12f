import { Badge, Box, Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconInbox } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { Empty } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { orderColors } from '../orders/data.ts'
import { useMoney } from '../words.ts'
import { countsQuery, inboxKey, type OrderSummary, useInboxLive, useLooks } from './data.ts'
import { Entrance, Needs } from './frame.tsx'
import { type InboxSearch, inboxStates } from './inbox-search.ts'
import own from './office.module.css'
import { useRowKeys } from './row-keys.ts'

const route = getRouteApi('/app/forge/office/')
const shown = ['waiting', 'unread', 'all'] as const

/** Orders that the office has to do with: those that wait for its word first. */
export function Inbox() {
  return (
    <Entrance>
      <Needs permissions={['orders:confirm']}>{() => <Orders />}</Needs>
    </Entrance>
  )
}

function Orders() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { show = 'waiting', state, customer } = search
  const narrow = (part: InboxSearch) =>
    void navigate({ search: (was) => ({ ...was, ...part }), replace: true })
  const [typed, setTyped] = useState(search.q ?? '')
  const [wanted] = useDebouncedValue(typed.trim(), 250)
  useEffect(() => {
    void navigate({ search: (was) => ({ ...was, q: wanted || undefined }), replace: true })
  }, [wanted, navigate])
  useInboxLive()
  const counts = useQuery(countsQuery).data
  const around = useRowKeys<HTMLDivElement>()
  const filter = {
    ...(show === 'waiting' ? { waiting: true } : {}),
    ...(show === 'unread' ? { unread: true } : {}),
    ...(show === 'all' && state ? { state } : {}),
    ...(customer ? { customerId: customer } : {}),
    ...(wanted ? { search: wanted } : {}),
  }
  const list = useList({
    queryKey: [...inboxKey, 'list', filter],
    load: (cursor, signal) => forge.crm.listOrders({ query: { ...filter, ...cursor, limit: 25 }, signal }),
    every: useLooks(),
  })
  const narrowed = wanted !== '' || customer !== undefined || (show === 'all' && state !== undefined)
  const count = { waiting: counts?.waiting, unread: counts?.unread, all: undefined }
  return (
    <Page wide title={t('office.inbox.title')} about={t('office.inbox.about')}>
      <Stack gap="lg" ref={around}>
        <Group gap="sm">
          <SegmentedControl
            aria-label={t('office.inbox.which')}
            data={shown.map((value) => ({
              value,
              label: count[value] ? (
                <span>
                  {t(`office.inbox.show.${value}`)} <b className="numbers">{count[value]}</b>
                </span>
              ) : (
                t(`office.inbox.show.${value}`)
              ),
            }))}
            value={show}
            onChange={(value) => narrow({ show: value as (typeof shown)[number] })}
          />
          <SearchField label={t('office.inbox.search')} value={typed} onChange={setTyped} />
          {show === 'all' && (
            <Select
              aria-label={t('orders.stateTitle')}
              placeholder={t('office.inbox.anyState')}
              w={{ base: '100%', xs: 200 }}
              clearable
              clearButtonProps={{ 'aria-label': t('state.clearFilters') }}
              data={inboxStates.map((value) => ({ value, label: t(`orders.state.${value}`) }))}
              value={state ?? null}
              onChange={(value) => narrow({ state: (value ?? undefined) as InboxSearch['state'] })}
            />
          )}
          {customer && (
            <Button
              variant="light"
              onClick={() => narrow({ customer: undefined })}
              aria-label={t('office.inbox.anyCustomer')}
            >
              {t('office.inbox.oneCustomer', { name: list.items[0]?.customerName ?? '…' })} ×
            </Button>
          )}
        </Group>
        <ListPanel
          list={list}
          empty={
            <Empty
              icon={IconInbox}
              title={t(narrowed ? 'state.nothing' : `office.inbox.none.${show}`)}
              action={
                narrowed ? (
                  <Button
                    variant="default"
                    onClick={() => {
                      setTyped('')
                      narrow({ state: undefined, customer: undefined, q: undefined })
                    }}
                  >
                    {t('state.clearFilters')}
                  </Button>
                ) : (
                  show !== 'all' && (
                    <Button variant="default" onClick={() => narrow({ show: 'all' })}>
                      {t('office.inbox.toAll')}
                    </Button>
                  )
                )
              }
            >
              {t(narrowed ? 'office.inbox.nothingAbout' : `office.inbox.noneAbout.${show}`)}
            </Empty>
          }
        >
          {(items) => <OrderTable items={items} />}
        </ListPanel>
      </Stack>
    </Page>
  )
}

/** Orders as rows, each leading to its page in the office. */
export function OrderTable({ items, named = true }: { items: readonly OrderSummary[]; named?: boolean }) {
  const { t } = useTranslation()
  const money = useMoney()
  return (
    <ItemTable
      items={items}
      idOf={(order) => order.orderId}
      link={(order, props) => (
        <Link to="/forge/office/$orderId" params={{ orderId: order.orderId }} {...props} />
      )}
      columns={[
        {
          title: t('orders.number'),
          cell: (order) => (
            <Stack gap={2}>
              <Group gap={6} component="span">
                <Text fw={600} component="span" className={`numbers ${own.whole}`}>
                  {order.number}
                </Text>
                {order.channel === 'partner' && <Badge color="gray">{t('office.inbox.partner')}</Badge>}
              </Group>
              <Text size="sm" c="dimmed" component="span" className="wrap-anywhere">
                {named && `${order.customerName} · `}
                {t('orders.lines', { count: order.lineCount })}
              </Text>
              <Box hiddenFrom="sm" component="span">
                <OrderBadges order={order} />
              </Box>
            </Stack>
          ),
        },
        { title: t('orders.stateTitle'), from: 'sm', cell: (order) => <OrderBadges order={order} /> },
        {
          title: t('orders.total'),
          cell: (order) => <span className="numbers">{money(order.total, order.currency)}</span>,
        },
        ...(named
          ? [
              {
                title: t('orders.due'),
                from: 'md' as const,
                cell: (order: OrderSummary) => <When time={order.dueAt} />,
              },
            ]
          : []),
        { title: t('orders.placed'), from: 'md', cell: (order) => <When time={order.createdAt} /> },
      ]}
    />
  )
}

function OrderBadges({ order }: { order: OrderSummary }) {
  const { t } = useTranslation()
  const waits = order.state === 'created' && order.decision === 'waiting'
  return (
    <Group gap={6} component="span">
      <Badge color={waits ? 'yellow' : orderColors[order.state]}>
        {t(waits ? 'office.inbox.waits' : `orders.state.${order.state}`)}
      </Badge>
      {order.unread > 0 && <Badge color="green">{t('office.inbox.messages', { count: order.unread })}</Badge>}
    </Group>
  )
}
