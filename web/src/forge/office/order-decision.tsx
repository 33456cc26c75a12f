import { Button, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { isProblem } from '../../parts/problem.ts'
import { forge } from '../api.ts'
import { type CrmOrder, crmOrderKey, orderKeys, type Seen } from './data.ts'
import { dayOf, endOfDay } from './days.ts'
import { WordsDialog } from './words-dialog.tsx'

/** What the office can say to an order now: yes, no, or that it is off. */
export function OrderDecision({ seen }: { seen: Seen }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [asking, setAsking] = useState<'confirm' | 'reject' | 'cancel'>()
  const close = () => setAsking(undefined)
  const { orderId, number, crm, shop } = seen
  const waits = crm?.decision === 'waiting' && crm.state === 'created' && seen.state === 'created'
  const after = { refresh: orderKeys(orderId), onDone: close }
  const learn = (order: CrmOrder) => {
    client.setQueryData(crmOrderKey(orderId), order)
    close()
  }
  const reject = useAction({
    run: (reason: string) => forge.crm.rejectOrder({ params: { orderId }, body: { reason } }),
    done: t('office.order.isRejected'),
    refresh: orderKeys(orderId),
    onDone: learn,
  })
  const cancel = useAction({
    run: (reason: string) => forge.shop.cancelOrder({ params: { orderId }, body: reason ? { reason } : {} }),
    done: t('orders.cancelled'),
    ...after,
  })
  return (
    <>
      {waits && (
        <>
          <Button leftSection={<IconCheck size={17} />} onClick={() => setAsking('confirm')}>
            {t('office.order.confirm')}
          </Button>
          <Button
            variant="light"
            color="red"
            leftSection={<IconX size={17} />}
            onClick={() => setAsking('reject')}
          >
            {t('office.order.reject')}
          </Button>
        </>
      )}
      {/* Before the office has spoken, its no is a rejection. */}
      {!waits && shop?.may.includes('cancel') && (
        <Button variant="default" leftSection={<IconX size={17} />} onClick={() => setAsking('cancel')}>
          {t('orders.cancel')}
        </Button>
      )}
      <Modal
        opened={asking === 'confirm'}
        onClose={close}
        title={t('office.order.confirmTitle', { number })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {asking === 'confirm' && <ConfirmForm seen={seen} onDone={learn} onClose={close} />}
      </Modal>
      <WordsDialog
        opened={asking === 'reject'}
        title={t('office.order.rejectTitle', { number })}
        about={t('office.order.rejectAbout')}
        label={t('office.order.reason')}
        submit={t('office.order.reject')}
        danger
        needed
        pending={reject.isPending}
        onSubmit={(reason) => reject.mutate(reason)}
        onClose={close}
      />
      <WordsDialog
        opened={asking === 'cancel'}
        title={t('orders.cancelTitle', { number })}
        about={t('office.order.cancelAbout')}
        label={t('orders.why')}
        submit={t('orders.cancel')}
        danger
        pending={cancel.isPending}
        onSubmit={(reason) => cancel.mutate(reason)}
        onClose={close}
      />
    </>
  )
}

function ConfirmForm({
  seen,
  onDone,
  onClose,
}: {
  seen: Seen
  onDone: (order: CrmOrder) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const { orderId } = seen
  const asOrdered = dayOf(seen.dueAt)
  const [day, setDay] = useState(asOrdered)
  const [note, setNote] = useState('')
  const [wrong, setWrong] = useState(false)
  const confirm = useAction({
    run: () =>
      forge.crm.confirmOrder({
        params: { orderId },
        body: {
          ...(note.trim() ? { note: note.trim() } : {}),
          ...(day && day !== asOrdered ? { dueAt: endOfDay(day) } : {}),
        },
      }),
    done: t('office.order.isConfirmed'),
    refresh: orderKeys(orderId),
    onDone,
    onFail: (error) => {
      if (!isProblem(error, 'dueAtNotRight')) return false
      setWrong(true)
      return true
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        confirm.mutate()
      }}
    >
      <Stack>
        <Text size="sm">{t('office.order.confirmAbout')}</Text>
        <TextInput
          type="date"
          label={t('office.order.promise')}
          description={t('office.order.promiseAbout')}
          min={dayOf(new Date().toISOString())}
          data-autofocus
          value={day}
          error={wrong ? t('errors.dueAtNotRight') : undefined}
          onChange={({ currentTarget }) => {
            setDay(currentTarget.value)
            setWrong(false)
          }}
        />
        <Textarea
          label={t('office.order.confirmNote')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={500}
          value={note}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
        <FormButtons submit={t('office.order.confirm')} pending={confirm.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
