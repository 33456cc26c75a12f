/** Where an order goes. */
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { Fact } from '../../parts/facts.tsx'
import type { Order as ShopOrder } from '../orders/data.ts'
import { countryName } from '../shop/countries.ts'
import type { Order } from './data.ts'

/** The delivery as the shop has it; production only carries it along. */
export function deliveryOf({ delivery }: Order): ShopOrder['delivery'] {
  return delivery && typeof delivery === 'object' && 'method' in delivery
    ? (delivery as ShopOrder['delivery'])
    : undefined
}

export function Delivery({ order }: { order: Order }) {
  const { t } = useTranslation()
  const delivery = deliveryOf(order)
  if (!delivery) return null
  const { address } = delivery
  return (
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
  )
}
