/** A partner's project, with what its programs have done: models, quotes, orders, a rehearsal. */
import { createClient } from '../../platform/contract/client.ts'
import { partners } from '../../services/partners/contract.ts'
import { bytesOf, options, sendBytes } from './models.ts'
import { type People, until } from './people.ts'

/** Makes the project, gives it a rate plan, and uses it as its programs would. The secret of its key. */
export async function usePartner({ administrator, partner, office }: People): Promise<string> {
  const { projectId } = await partner.projects.createProject({
    body: { name: 'Demo Partner', slug: 'demo-partner' },
  })
  await administrator.partners.setPlan({
    params: { projectId },
    body: {
      name: 'Demo volume',
      limits: { requestsPerMinute: 600, quotesPerDay: 500, ordersPerDay: 100 },
    },
  })
  const scopes = ['quotes:write', 'orders:write', 'orders:read']
  const newKey = (environment: string) =>
    until('the project is known', () =>
      partner.projects.createKey({
        params: { projectId },
        body: { environment, name: 'Shop floor', scopes },
      }),
    )
  const { secret } = await newKey('production')
  const orders = [await orderWith(partner.send, secret, 'PO-1', 'gear.stl')]
  orders.push(await orderWith(partner.send, secret, 'PO-2', 'steps.stl'))
  await orderWith(partner.send, (await newKey('development')).secret, 'TEST-1', 'ring.stl')
  const confirmed = { params: { orderId: orders[0]! } }
  await until('the office sees the partner’s order', () => office.crm.getOrder(confirmed))
  await office.crm.confirmOrder({ ...confirmed, body: {} })
  return secret
}

async function orderWith(
  send: People['partner']['send'],
  secret: string,
  reference: string,
  name: string,
): Promise<string> {
  const headers = () => ({ authorization: `Bearer ${secret}` })
  const client = createClient(partners, { fetch: send, headers })
  const bytes = bytesOf(name)
  const { model, uploadUrl } = await until('the key is known', () =>
    client.createModel({ body: { name, size: bytes.length } }),
  )
  await sendBytes(send, uploadUrl, bytes)
  const { modelId } = model
  await until(
    'the model is ready',
    async () => (await client.getModel({ params: { modelId } })).state === 'ready',
  )
  const lines = [{ modelId, ...options }]
  const { orderId } = await until('the quote is asked for', () =>
    client.requestQuote({ body: { reference, lines } }),
  )
  await until(
    'the quote is priced',
    async () => (await client.getOrder({ params: { orderId } })).state === 'quoted',
  )
  const customer = { name: 'Demo Partner', email: 'demo-partner@example.com' }
  await client.placeOrder({ body: { quoteId: orderId, customer, delivery: { method: 'pickup' } } })
  return orderId
}
