import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconArrowLeft, IconUserOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { useList } from '../../parts/list.ts'
import { Page, Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { fullTime, When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import classes from '../shop/cart.module.css'
import { useMoney } from '../words.ts'
import { type Customer, customersKey, inboxKey, useLooks } from './data.ts'
import { Needs } from './frame.tsx'
import { OrderTable } from './inbox.tsx'
import { Notes } from './notes.tsx'
import { TagsSection } from './tags.tsx'
import { Tasks } from './tasks.tsx'

const route = getRouteApi('/app/forge/office/customers/$customerId')

/** One customer: who they are, what they ordered, what the office keeps in mind. */
export function CustomerPage() {
  const { customerId } = route.useParams()
  return (
    <Needs permissions={['customers:read']}>{() => <One key={customerId} customerId={customerId} />}</Needs>
  )
}

function One({ customerId }: { customerId: string }) {
  const { t } = useTranslation()
  const customer = useQuery({
    queryKey: [...customersKey, 'one', customerId],
    queryFn: ({ signal }) => forge.crm.getCustomer({ params: { customerId }, signal }),
  })
  if (customer.data) return <Opened customer={customer.data} />
  if (isProblem(customer.error, 'notFound'))
    return (
      <Page wide title={t('office.customers.gone')}>
        <Section>
          <Empty icon={IconUserOff} title={t('office.customers.gone')} action={<Back />}>
            {t('office.customers.goneAbout')}
          </Empty>
        </Section>
      </Page>
    )
  return (
    <Page wide title={t('orders.customer')}>
      {customer.isError ? (
        <Failed error={customer.error} retry={() => void customer.refetch()} />
      ) : (
        <Waiting rows={5} height={80} />
      )}
    </Page>
  )
}

function Back() {
  const { t } = useTranslation()
  return (
    <Anchor renderRoot={(props) => <Link to="/forge/office/customers" {...props} />}>
      <Group gap={6} component="span">
        <IconArrowLeft size={16} aria-hidden />
        {t('office.customers.title')}
      </Group>
    </Anchor>
  )
}

function Opened({ customer }: { customer: Customer }) {
  const { t } = useTranslation()
  const money = useMoney()
  const may = useMay()
  const { customerId, name, company } = customer
  return (
    <Page wide title={name} {...(company ? { about: company } : {})}>
      <Group justify="space-between">
        <Back />
        {customer.erased && <Badge color="gray">{t('office.customers.erased')}</Badge>}
      </Group>
      <div className={classes.columns}>
        <Stack gap="lg" miw={0}>
          {may('orders:confirm') && <History customerId={customerId} />}
          <Notes customerId={customerId} />
        </Stack>
        <Stack gap="lg" miw={0}>
          <Section title={t('orders.details')}>
            <Facts>
              {customer.email && (
                <Fact name={t('office.customers.email')}>
                  <Anchor inherit href={`mailto:${customer.email}`}>
                    {customer.email}
                  </Anchor>
                </Fact>
              )}
              {customer.phone && (
                <Fact name={t('office.customers.phone')}>
                  <Anchor inherit href={`tel:${customer.phone}`}>
                    {customer.phone}
                  </Anchor>
                </Fact>
              )}
              <Fact name={t('office.customers.language')}>
                {t(customer.language === 'ru' ? 'office.customers.ru' : 'office.customers.en')}
              </Fact>
              <Fact name={t('office.customers.orders')}>
                {customer.orders}
                {customer.openOrders > 0 &&
                  ` (${t('office.customers.openOrders', { count: customer.openOrders })})`}
              </Fact>
              <Fact name={t('office.customers.spent')}>{money(customer.spent, customer.currency)}</Fact>
              <Fact name={t('office.customers.first')}>{fullTime(customer.firstOrderAt)}</Fact>
              <Fact name={t('office.customers.last')}>
                <When time={customer.lastOrderAt} />
              </Fact>
            </Facts>
          </Section>
          <TagsSection customer={customer} />
          <Tasks customerId={customerId} />
        </Stack>
      </div>
    </Page>
  )
}

const SHOWN = 10

/** What they ordered, the newest first. */
function History({ customerId }: { customerId: string }) {
  const { t } = useTranslation()
  const { items, query } = useList({
    queryKey: [...inboxKey, 'list', { customerId, limit: SHOWN }],
    load: (cursor, signal) =>
      forge.crm.listOrders({ query: { ...cursor, customerId, limit: SHOWN }, signal }),
    every: useLooks(),
  })
  return (
    <Section
      title={t('office.customers.orders')}
      actions={
        query.hasNextPage && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => (
              <Link to="/forge/office" search={{ show: 'all', customer: customerId }} {...props} />
            )}
          >
            {t('office.inbox.toAll')}
          </Button>
        )
      }
    >
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting rows={3} />}
      {query.isSuccess && items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('office.customers.noOrders')}
        </Text>
      )}
      {items.length > 0 && <OrderTable items={items} named={false} />}
    </Section>
  )
}
