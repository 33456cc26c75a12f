import { Button, Modal, Text, UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconEye, IconHome, IconPackage, IconTruckDelivery } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { forge } from '../api.ts'
import classes from './board.module.css'
import { Due, isLate } from './card-parts.tsx'
import { CheckForm } from './check-form.tsx'
import { type OrderSummary, productionKey } from './data.ts'
import { ShipForm } from './ship-form.tsx'

/** One order that is made: to be looked at, packed, sent, handed over. */
export function OrderCard({ order, onOpen }: { order: OrderSummary; onOpen: () => void }) {
  const { t } = useTranslation()
  return (
    <li className={classes.card} data-late={isLate(order.dueAt) || undefined} data-order={order.orderId}>
      <div>
        <UnstyledButton className={classes.name!} onClick={onOpen}>
          {order.number}
        </UnstyledButton>
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          {[order.customerName, t('production.works', { count: order.works })].filter(Boolean).join(' · ')}
        </Text>
      </div>
      <Due dueAt={order.dueAt} />
      <OrderStep order={order} />
    </li>
  )
}

/** The next step of an order, as a button. */
export function OrderStep({ order }: { order: OrderSummary }) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState(false)
  const close = () => setAsked(false)
  const phone = useMediaQuery('(max-width: 48em)') ?? false
  const of = { params: { orderId: order.orderId }, body: {} }
  const pack = useAction({
    run: () => forge.operators.packOrder(of),
    done: t('production.packed'),
    refresh: [productionKey],
  })
  const deliver = useAction({
    run: () => forge.operators.deliverOrder(of),
    done: t('production.delivered'),
    refresh: [productionKey],
    onDone: close,
  })
  const step = {
    qualityCheck: { words: t('production.check'), icon: IconEye },
    passed: { words: t('production.pack'), icon: IconPackage },
    packed: { words: t('production.ship'), icon: IconTruckDelivery },
    shipped: { words: t('production.deliver'), icon: IconHome },
  }[order.stage as string]
  if (!step) return null
  return (
    <div className={classes.buttons}>
      <Button
        leftSection={<step.icon size={18} />}
        loading={pack.isPending}
        onClick={() => (order.stage === 'passed' ? pack.mutate() : setAsked(true))}
      >
        {step.words}
      </Button>
      <Confirm
        opened={asked && order.stage === 'shipped'}
        title={t('production.deliverTitle', { number: order.number })}
        confirm={t('production.deliver')}
        danger={false}
        pending={deliver.isPending}
        onConfirm={() => deliver.mutate()}
        onClose={close}
      >
        {t('production.deliverAbout')}
      </Confirm>
      <Modal
        opened={asked && (order.stage === 'qualityCheck' || order.stage === 'packed')}
        onClose={close}
        fullScreen={phone}
        radius={phone ? 0 : 'lg'}
        title={t(order.stage === 'packed' ? 'production.shipTitle' : 'production.checkTitle', {
          number: order.number,
        })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
        classNames={{ body: classes.dialog! }}
      >
        {asked && order.stage === 'qualityCheck' && <CheckForm orderId={order.orderId} onClose={close} />}
        {asked && order.stage === 'packed' && <ShipForm orderId={order.orderId} onClose={close} />}
      </Modal>
    </div>
  )
}
