import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconCashBanknote, IconFileDownload, IconReceiptRefund } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { useAction } from '../../parts/actions.ts'
import { Section } from '../../parts/page.tsx'
import { forge } from '../api.ts'
import type { Order } from '../orders/data.ts'
import { useMoney } from '../words.ts'
import { orderKeys } from './data.ts'
import { WordsDialog } from './words-dialog.tsx'

const colors = {
  open: 'yellow',
  pending: 'yellow',
  paid: 'green',
  refunding: 'yellow',
  refunded: 'gray',
  cancelled: 'gray',
} as const satisfies Record<Order['payment']['state'], string>

/** How it is paid, and what the office notes of that. */
export function OrderMoney({ order }: { order: Order }) {
  const { t } = useTranslation()
  const money = useMoney()
  const [asking, setAsking] = useState<'paid' | 'refund'>()
  const close = () => setAsking(undefined)
  const { orderId } = order
  const after = { refresh: orderKeys(orderId), onDone: close }
  const paid = useAction({
    run: (reference: string) =>
      forge.shop.markPaid({ params: { orderId }, body: reference ? { reference } : {} }),
    done: t('office.money.isPaid'),
    ...after,
  })
  const refund = useAction({
    run: (reason: string) => forge.shop.refundOrder({ params: { orderId }, body: reason ? { reason } : {} }),
    done: t('office.money.isRefunded'),
    ...after,
  })
  const invoice = useAction({
    run: () => forge.shop.createInvoiceLink({ params: { orderId }, body: { language: currentLanguage() } }),
    onDone: ({ url }) => {
      const link = document.createElement('a')
      const { pathname, search } = new URL(url, location.href)
      link.href = pathname + search
      link.download = `${order.number}.pdf`
      link.click()
    },
  })
  const total = order.total === undefined ? '' : money(order.total, order.currency)
  // Money of an order that is still on its way goes back by cancelling it.
  const ended = ['delivered', 'returned', 'cancelled', 'rejected'].includes(order.state)
  return (
    <Section title={t('orders.payment')}>
      <Stack gap="md">
        <Group justify="space-between">
          <Text size="sm">
            {t(`shop.payment.${order.payment.method}`)} {total && `· ${total}`}
          </Text>
          <Badge color={colors[order.payment.state]}>{t(`orders.paid.${order.payment.state}`)}</Badge>
        </Group>
        <Group gap="sm">
          {order.may.includes('markPaid') && (
            <Button
              variant="default"
              leftSection={<IconCashBanknote size={17} />}
              onClick={() => setAsking('paid')}
            >
              {t('office.money.markPaid')}
            </Button>
          )}
          {order.may.includes('refund') && ended && (
            <Button
              variant="default"
              leftSection={<IconReceiptRefund size={17} />}
              onClick={() => setAsking('refund')}
            >
              {t('office.money.refund')}
            </Button>
          )}
          {order.placedAt && (
            <Button
              variant="default"
              leftSection={<IconFileDownload size={17} />}
              loading={invoice.isPending}
              onClick={() => invoice.mutate()}
            >
              {t('orders.invoice')}
            </Button>
          )}
        </Group>
      </Stack>
      <WordsDialog
        opened={asking === 'paid'}
        title={t('office.money.paidTitle', { number: order.number })}
        about={t('office.money.paidAbout', { total })}
        label={t('office.money.reference')}
        submit={t('office.money.markPaid')}
        maxLength={200}
        pending={paid.isPending}
        onSubmit={(reference) => paid.mutate(reference)}
        onClose={close}
      />
      <WordsDialog
        opened={asking === 'refund'}
        title={t('office.money.refundTitle', { number: order.number })}
        about={t(
          order.payment.method === 'invoice' ? 'office.money.refundInvoice' : 'office.money.refundCard',
          { total },
        )}
        label={t('orders.why')}
        submit={t('office.money.refund')}
        danger
        pending={refund.isPending}
        onSubmit={(reason) => refund.mutate(reason)}
        onClose={close}
      />
    </Section>
  )
}
