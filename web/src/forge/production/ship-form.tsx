import { Autocomplete, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { type Order, orderQuery, productionKey } from './data.ts'
import { Delivery, deliveryOf } from './delivery.tsx'

/** Says who carries an order; where to is shown, so that the label can be written from here. */
export function ShipForm({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const order = useQuery(orderQuery(orderId))
  return <Loaded query={order}>{(data) => <Form order={data} onClose={onClose} />}</Loaded>
}

function Form({ order, onClose }: { order: Order; onClose: () => void }) {
  const { t } = useTranslation()
  const pickup = deliveryOf(order)?.method === 'pickup'
  const [carrier, setCarrier] = useState(pickup ? t('production.pickup') : '')
  const [tracking, setTracking] = useState('')
  const ship = useAction({
    run: () =>
      forge.operators.shipOrder({
        params: { orderId: order.orderId },
        body: { carrier: carrier.trim(), tracking: tracking.trim() },
      }),
    done: t('production.shipped'),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (carrier.trim()) ship.mutate()
      }}
    >
      <Stack>
        <Facts>
          <Fact name={t('production.customer')}>{order.customerName}</Fact>
          <Delivery order={order} />
        </Facts>
        <Autocomplete
          label={t('production.carrier')}
          required
          size="md"
          maxLength={80}
          data={pickup ? [t('production.pickup')] : ['DHL', 'DPD', 'GLS', 'UPS']}
          value={carrier}
          onChange={setCarrier}
          data-autofocus
        />
        {!pickup && (
          <TextInput
            label={t('production.tracking')}
            description={t('production.trackingAbout')}
            size="md"
            maxLength={120}
            spellCheck={false}
            autoComplete="off"
            value={tracking}
            onChange={({ currentTarget }) => setTracking(currentTarget.value)}
          />
        )}
        <FormButtons
          submit={t('production.ship')}
          pending={ship.isPending}
          disabled={!carrier.trim()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
