import { Timeline as Dots, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useList } from '../../parts/list.ts'
import { More } from '../../parts/more.tsx'
import { Section } from '../../parts/page.tsx'
import { Failed, Waiting } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { useMoney } from '../words.ts'
import { ordersKey, type TimelineEntry } from './data.ts'

/** What happened, the oldest first; what happens now appears by itself. */
export function Timeline({
  orderId,
  version,
  currency,
  side = 'customer',
}: {
  orderId: string
  version: number
  currency: string
  /** Who reads. */
  side?: 'customer' | 'staff'
}) {
  const { t } = useTranslation()
  const { items, query } = useList({
    // A new version of the order has new entries.
    queryKey: [...ordersKey, 'timeline', orderId, version],
    load: (cursor, signal) =>
      forge.shop.getTimeline({ params: { orderId }, query: { ...cursor, limit: 100 }, signal }),
  })
  const title = (entry: TimelineEntry) =>
    entry.code === 'state' && entry.state
      ? t(`orders.state.${entry.state}`)
      : t(`orders.event.${entry.code.replaceAll('.', '_')}` as 'orders.event.payment_paid', {
          defaultValue: entry.code,
        })
  return (
    <Section title={t('orders.timeline')}>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting rows={3} />}
      <Dots active={items.length} bulletSize={14} lineWidth={2}>
        {items.map((entry) => (
          // Itself, not in a component: the list tells each of its items that it is past.
          <Dots.Item key={entry.entryId} title={title(entry)}>
            <Entry entry={entry} currency={currency} side={side} />
          </Dots.Item>
        ))}
      </Dots>
      <More query={query} />
    </Section>
  )
}

function Entry({
  entry,
  currency,
  side,
}: {
  entry: TimelineEntry
  currency: string
  side: 'customer' | 'staff'
}) {
  const { t } = useTranslation()
  const money = useMoney()
  const total = entry.data?.total ?? entry.data?.amount
  return (
    <>
      <Text size="sm" c="dimmed">
        {t(
          side === 'staff' && entry.by.kind === 'customer'
            ? 'orders.byCustomer'
            : `orders.by.${entry.by.kind}`,
        )}{' '}
        · <When time={entry.at} />
        {typeof total === 'number' && ` · ${money(total, currency)}`}
      </Text>
      {entry.reason && (
        <Text size="sm" className="wrap-anywhere">
          {entry.reason}
        </Text>
      )}
    </>
  )
}
