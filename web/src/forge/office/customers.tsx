import { Badge, Button, Group, Select, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFilterCog, IconUsers } from '@tabler/icons-react'
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
import { useMoney } from '../words.ts'
import { type CustomerSummary, customersKey } from './data.ts'
import { Needs } from './frame.tsx'
import { useRowKeys } from './row-keys.ts'
import { Segments } from './segments.tsx'
import { segmentsQuery, tagsQuery } from './segments-data.ts'

const route = getRouteApi('/app/forge/office/customers')

/** Everybody who has ordered, to be found by name, tag or segment. */
export function Customers() {
  return <Needs permissions={['customers:read']}>{() => <AllCustomers />}</Needs>
}

function AllCustomers() {
  const { t } = useTranslation()
  const { tag, segment, q } = route.useSearch()
  const navigate = route.useNavigate()
  const [typed, setTyped] = useState(q ?? '')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const [arranging, setArranging] = useState(false)
  useEffect(() => {
    void navigate({ search: (was) => ({ ...was, q: search || undefined }), replace: true })
  }, [search, navigate])
  const tags = useQuery(tagsQuery).data?.items ?? []
  const segments = useQuery(segmentsQuery).data?.items ?? []
  const around = useRowKeys<HTMLDivElement>()
  const filter = {
    ...(search ? { search } : {}),
    ...(tag ? { tag } : {}),
    ...(segment ? { segmentId: segment } : {}),
  }
  const list = useList({
    queryKey: [...customersKey, 'list', filter],
    load: (cursor, signal) => forge.crm.listCustomers({ query: { ...filter, ...cursor, limit: 25 }, signal }),
  })
  const filtered = Object.keys(filter).length > 0
  return (
    <Page
      wide
      title={t('office.customers.title')}
      about={t('office.customers.about')}
      actions={
        <Button
          variant="default"
          leftSection={<IconFilterCog size={17} />}
          onClick={() => setArranging(true)}
        >
          {t('office.segments.title')}
        </Button>
      }
    >
      <Stack gap="lg" ref={around}>
        <Group gap="sm">
          <SearchField label={t('office.customers.search')} value={typed} onChange={setTyped} />
          <Select
            aria-label={t('office.customers.tag')}
            placeholder={t('office.customers.anyTag')}
            w={{ base: '100%', xs: 190 }}
            clearable
            searchable
            clearButtonProps={{ 'aria-label': t('state.clearFilters') }}
            nothingFoundMessage={t('state.nothing')}
            data={withChosen(
              tags.map((one) => ({ value: one.tag, label: `${one.tag} (${one.customers})` })),
              tag,
            )}
            value={tag ?? null}
            onChange={(value) =>
              void navigate({ search: (was) => ({ ...was, tag: value ?? undefined }), replace: true })
            }
          />
          <Select
            aria-label={t('office.segments.one')}
            placeholder={t('office.segments.any')}
            w={{ base: '100%', xs: 190 }}
            clearable
            clearButtonProps={{ 'aria-label': t('state.clearFilters') }}
            nothingFoundMessage={t('office.segments.none')}
            data={segments.map((one) => ({ value: one.segmentId, label: one.name }))}
            value={segment ?? null}
            onChange={(value) =>
              void navigate({ search: (was) => ({ ...was, segment: value ?? undefined }), replace: true })
            }
          />
        </Group>
        <ListPanel
          list={list}
          empty={
            <Empty
              icon={IconUsers}
              title={t(filtered ? 'state.nothing' : 'office.customers.none')}
              action={
                filtered && (
                  <Button
                    variant="default"
                    onClick={() => {
                      setTyped('')
                      void navigate({ search: {}, replace: true })
                    }}
                  >
                    {t('state.clearFilters')}
                  </Button>
                )
              }
            >
              {t(filtered ? 'office.customers.nothingAbout' : 'office.customers.noneAbout')}
            </Empty>
          }
        >
          {(items) => <CustomerTable items={items} />}
        </ListPanel>
      </Stack>
      <Segments opened={arranging} onClose={() => setArranging(false)} />
    </Page>
  )
}

/** A choice that came with the address is shown also before the list of choices is there. */
const withChosen = (data: readonly { value: string; label: string }[], chosen: string | undefined) =>
  chosen && !data.some(({ value }) => value === chosen)
    ? [...data, { value: chosen, label: chosen }]
    : [...data]

function CustomerTable({ items }: { items: readonly CustomerSummary[] }) {
  const { t } = useTranslation()
  const money = useMoney()
  return (
    <ItemTable
      items={items}
      idOf={(customer) => customer.customerId}
      link={(customer, props) => (
        <Link
          to="/forge/office/customers/$customerId"
          params={{ customerId: customer.customerId }}
          {...props}
        />
      )}
      columns={[
        {
          title: t('orders.customer'),
          cell: (customer) => (
            <Stack gap={2}>
              <Text fw={600} component="span" className="wrap-anywhere">
                {customer.name}
              </Text>
              <Text size="sm" c="dimmed" component="span" className="wrap-anywhere">
                {[customer.company, customer.email].filter(Boolean).join(' · ')}
              </Text>
              {customer.tags.length > 0 && (
                <Group gap={4} component="span">
                  {customer.tags.map((one) => (
                    <Badge key={one} color="gray" size="sm">
                      {one}
                    </Badge>
                  ))}
                </Group>
              )}
            </Stack>
          ),
        },
        {
          title: t('office.customers.orders'),
          from: 'sm',
          cell: (customer) => (
            <Stack gap={2}>
              <span className="numbers">{customer.orders}</span>
              {customer.openOrders > 0 && (
                <Text size="sm" c="dimmed" component="span">
                  {t('office.customers.openOrders', { count: customer.openOrders })}
                </Text>
              )}
            </Stack>
          ),
        },
        {
          title: t('office.customers.spent'),
          cell: (customer) => <span className="numbers">{money(customer.spent, customer.currency)}</span>,
        },
        {
          title: t('office.customers.last'),
          from: 'md',
          cell: (customer) => <When time={customer.lastOrderAt} />,
        },
      ]}
    />
  )
}
