import { Anchor, Button, Group } from '@mantine/core'
import { IconHomeCheck, IconTruckReturn } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Section } from '../../parts/page.tsx'
import { fullTime } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import type { Order } from '../orders/data.ts'
import { countryName } from '../shop/countries.ts'
import { orderKeys, type Seen } from './data.ts'
import { WordsDialog } from './words-dialog.tsx'

/** Whose order it is, by when, and where it goes. */
export function OrderFacts({ seen }: { seen: Seen }) {
  const { t } = useTranslation()
  const may = useMay()
  const { shop, crm, delivery } = seen
  const placed = shop?.placedAt ?? crm?.createdAt
  const address = delivery?.address
  return (
    <Section title={t('orders.details')}>
      <Facts>
        {placed && <Fact name={t('orders.placed')}>{fullTime(placed)}</Fact>}
        {seen.dueAt && <Fact name={t('orders.due')}>{fullTime(seen.dueAt)}</Fact>}
        <Fact name={t('orders.customer')}>
          {may('customers:read') && crm ? (
            <Anchor
              inherit
              renderRoot={(props) => (
                <Link
                  to="/forge/office/customers/$customerId"
                  params={{ customerId: seen.customerId }}
                  {...props}
                />
              )}
            >
              {seen.customerName}
            </Anchor>
          ) : (
            seen.customerName
          )}
          {shop?.customer.email && (
            <>
              <br />
              <Anchor inherit href={`mailto:${shop.customer.email}`}>
                {shop.customer.email}
              </Anchor>
            </>
          )}
          {shop?.customer.phone && (
            <>
              <br />
              {shop.customer.phone}
            </>
          )}
        </Fact>
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
        {shop?.tracking && (
          <Fact name={t('orders.parcel')}>
            {shop.tracking.carrier} {shop.tracking.number}
          </Fact>
        )}
        {seen.note && <Fact name={t('orders.note')}>{seen.note}</Fact>}
      </Facts>
      {shop && <Moves order={shop} />}
    </Section>
  )
}

/** What production did not note itself. */
function Moves({ order }: { order: Order }) {
  const { t } = useTranslation()
  const [returning, setReturning] = useState(false)
  const { orderId } = order
  const move = useAction({
    run: (body: { to: 'delivered' | 'returned'; reason?: string }) =>
      forge.shop.moveOrder({ params: { orderId }, body }),
    done: t('office.order.noted'),
    refresh: orderKeys(orderId),
    onDone: () => setReturning(false),
  })
  const delivers = order.may.includes('markDelivered')
  const returns = order.may.includes('markReturned')
  if (!delivers && !returns) return null
  return (
    <Group gap="sm" mt="md">
      {delivers && (
        <Button
          variant="default"
          leftSection={<IconHomeCheck size={17} />}
          loading={move.isPending && move.variables?.to === 'delivered'}
          onClick={() => move.mutate({ to: 'delivered' })}
        >
          {t('office.order.markDelivered')}
        </Button>
      )}
      {returns && (
        <Button
          variant="default"
          leftSection={<IconTruckReturn size={17} />}
          onClick={() => setReturning(true)}
        >
          {t('office.order.markReturned')}
        </Button>
      )}
      <WordsDialog
        opened={returning}
        title={t('office.order.returnTitle', { number: order.number })}
        about={t('office.order.returnAbout')}
        label={t('orders.why')}
        submit={t('office.order.markReturned')}
        pending={move.isPending}
        onSubmit={(reason) => move.mutate({ to: 'returned', ...(reason ? { reason } : {}) })}
        onClose={() => setReturning(false)}
      />
    </Group>
  )
}
