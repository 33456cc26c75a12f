/** To the payment provider's page. */
import { forge } from '../api.ts'

/** Opens the provider's page in this tab; it leads back to the order. */
export async function payByCard(orderId: string): Promise<void> {
  const { redirectUrl } = await forge.shop.beginPayment({ params: { orderId }, body: { payment: 'stripe' } })
  if (redirectUrl && /^https?:/.test(redirectUrl)) location.assign(redirectUrl)
}
