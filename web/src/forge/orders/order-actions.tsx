import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { IconCreditCard, IconFileDownload, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge } from '../api.ts'
import { termsQuery } from '../shop/data.ts'
import { type Order, ordersKey } from './data.ts'
import { payByCard } from './pay.ts'

/** What can be done with the whole order. */
export function OrderActions({ order }: { order: Order }) {
  const { t } = useTranslation()
  const [cancelling, setCancelling] = useState(false)
  const byCard = useQuery(termsQuery).data?.payments.includes('stripe') ?? false
  const { orderId } = order
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
  const pay = useAction({ run: () => payByCard(orderId), refresh: [ordersKey] })
  return (
    <>
      {order.may.includes('pay') && byCard && (
        <Button
          leftSection={<IconCreditCard size={17} />}
          loading={pay.isPending}
          onClick={() => pay.mutate()}
        >
          {t('orders.pay')}
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
      {order.may.includes('cancel') && (
        <Button variant="default" leftSection={<IconX size={17} />} onClick={() => setCancelling(true)}>
          {t('orders.cancel')}
        </Button>
      )}
      <Modal
        opened={cancelling}
        onClose={() => setCancelling(false)}
        title={t('orders.cancelTitle', { number: order.number })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {cancelling && <Cancel orderId={orderId} onClose={() => setCancelling(false)} />}
      </Modal>
    </>
  )
}

function Cancel({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const cancel = useAction({
    run: () =>
      forge.shop.cancelOrder({
        params: { orderId },
        body: reason.trim() === '' ? {} : { reason: reason.trim() },
      }),
    done: t('orders.cancelled'),
    refresh: [ordersKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        cancel.mutate()
      }}
    >
      <Stack>
        <Text size="sm">{t('orders.cancelAbout')}</Text>
        <Textarea
          label={t('orders.why')}
          autosize
          minRows={2}
          maxLength={500}
          data-autofocus
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Group justify="flex-end">
          <FormButtons submit={t('orders.cancel')} danger pending={cancel.isPending} onCancel={onClose} />
        </Group>
      </Stack>
    </form>
  )
}
