/** Orders in every state there is, with what people say and note beside them. */
import type { OrderState } from '../../services/shop/contract.ts'
import type { Floor } from './floor.ts'
import { addBroken, addModel, options } from './models.ts'
import { type People, type Person, until } from './people.ts'

interface Bed {
  readonly people: People
  readonly floor: Floor
}

const placing = (customer: Person, name: string) => ({
  customer: { name, email: customer.email },
  delivery: {
    method: 'post' as const,
    address: { name, street: 'Demo Road 1', city: 'Demo Town', postalCode: '10115', country: 'DE' },
  },
  payment: 'invoice' as const,
})

const is = (who: Person, orderId: string, state: OrderState) =>
  until(`${orderId} is ${state}`, async () => {
    const order = await who.shop.getOrder({ params: { orderId } })
    return order.state === state && order
  })

interface Wish {
  readonly part?: { readonly modelId: string; readonly quantity: number; readonly color?: string }
  readonly sku?: string
}

async function fillCart(customer: Person, { part, sku }: Wish): Promise<string> {
  if (part) {
    const { modelId, quantity, color = 'white' } = part
    await until('the shop knows the model', () =>
      customer.shop.addLine({ body: { kind: 'made', modelId, options: { ...options, quantity, color } } }),
    )
  }
  if (sku) await customer.shop.addLine({ body: { kind: 'ready', sku, quantity: 2 } })
  const { cartId } = await until('the cart is priced', async () => {
    const cart = await customer.shop.getCart()
    return cart.total !== undefined && cart
  })
  return cartId
}

async function place(customer: Person, name: string, wish: Wish): Promise<string> {
  const cartId = await fillCart(customer, wish)
  const { orderId } = await customer.shop.checkout({ body: { cartId, ...placing(customer, name) } })
  await is(customer, orderId, 'created')
  return orderId
}

async function confirm({ people: { office } }: Bed, orderId: string): Promise<void> {
  await until('the office sees the order', () => office.crm.getOrder({ params: { orderId } }))
  await office.crm.confirmOrder({ params: { orderId }, body: { note: 'With pleasure' } })
  await is(office, orderId, 'confirmed')
}

const stages = ['inProduction', 'qualityCheck', 'packed', 'shipped', 'delivered'] as const

/** Makes an order until it has come so far. */
async function produce(
  bed: Bed,
  orderId: string,
  far: (typeof stages)[number],
  maker: number,
): Promise<void> {
  const { office, senior, makers } = bed.people
  const operator = makers[maker]!.operators
  const params = { orderId }
  const order = await until('production sees the order', () => senior.operators.getOrder({ params }))
  for (const { workId, technique } of order.items) {
    const work = { params: { workId } }
    const machine = technique === 'pick' ? {} : { machineId: bed.floor.fdm[maker]! }
    await operator.claimWork({ ...work, body: {} })
    await operator.startWork({ ...work, body: machine })
    await is(office, orderId, 'inProduction')
    if (far === 'inProduction') return
    await operator.finishWork({ ...work, body: {} })
  }
  await is(office, orderId, 'qualityCheck')
  if (far === 'qualityCheck') return
  await senior.operators.checkQuality({ params, body: { passed: true, note: 'As drawn' } })
  await operator.packOrder({ params, body: {} })
  await is(office, orderId, 'packed')
  if (far === 'packed') return
  await operator.shipOrder({ params, body: { carrier: 'Demo Post', tracking: `DE-${orderId.slice(-6)}` } })
  await is(office, orderId, 'shipped')
  if (far === 'shipped') return
  await operator.deliverOrder({ params, body: {} })
  await is(office, orderId, 'delivered')
}

/** Writes into the thread, and notes what the office should know. */
async function talk({ people: { office, administrator } }: Bed, customer: Person, orderId: string) {
  const params = { orderId }
  await customer.crm.sendMessage({ params, body: { text: 'Could the edges be smooth? It is a present.' } })
  await office.crm.sendMessage({ params, body: { text: 'Yes. We sand them by hand, without extra cost.' } })
  await customer.crm.sendMessage({ params, body: { text: 'Wonderful, thank you!' } })
  const customerId = customer.id
  await office.crm.addNote({
    params: { customerId },
    body: { orderId, text: 'A present: no invoice in the parcel.' },
  })
  const { version } = await office.crm.getCustomer({ params: { customerId } })
  await office.crm.tagCustomer({
    params: { customerId },
    ifMatch: version,
    body: { tags: ['regular', 'careful'] },
  })
  const dueAt = new Date(Date.now() + 2 * 86_400_000).toISOString()
  await office.crm.createTask({
    body: { title: 'Sand the edges by hand', customerId, orderId, assigneeId: office.id, dueAt },
  })
  const call = await office.crm.createTask({ body: { title: 'Call about the material', customerId } })
  await office.crm.updateTask({
    params: { taskId: call.taskId },
    ifMatch: call.version,
    body: { done: true },
  })
  await office.crm.createSegment({ body: { name: 'Regulars', rules: { tags: ['regular'] } } })
  await administrator.crm.createSegment({ body: { name: 'Ordered this week', rules: { activeDays: 7 } } })
}

/** Fills the books: an order in every state. The ids, by state. */
export async function order(bed: Bed, progress: (line: string) => void): Promise<Record<string, string>> {
  const { office, senior, customers } = bed.people
  const [one, two, three, four] = customers as [Person, Person, Person, Person]
  const made: Record<string, string> = {}
  const note = (state: string, orderId: string) => {
    made[state] = orderId
    progress(`  an order is ${state}`)
  }
  const bracket = await addModel(one, 'bracket.stl')
  const gear = await addModel(two, 'gear.stl')
  const vase = await addModel(three, 'vase.stl')
  const ring = await addModel(four, 'ring.stl')
  const long = await addModel(four, 'long-bracket.stl')
  await addBroken(one)
  progress('  models are uploaded; one waits for its repair')

  const talked = await place(one, 'Demo Customer 1', { part: { modelId: bracket, quantity: 2 } })
  await until('the office sees the order', () => office.crm.getOrder({ params: { orderId: talked } }))
  await talk(bed, one, talked)
  note('created', talked)
  const delivered = await place(one, 'Demo Customer 1', {
    part: { modelId: bracket, quantity: 1 },
    sku: 'DEMO-BOX',
  })
  await confirm(bed, delivered)
  await produce(bed, delivered, 'delivered', 0)
  await office.shop.markPaid({ params: { orderId: delivered }, body: { reference: 'Statement 1' } })
  note('delivered', delivered)

  const wishes = { shipped: 0, packed: 1, qualityCheck: 0 } as const
  for (const [state, maker] of Object.entries(wishes)) {
    const orderId = await place(two, 'Demo Customer 2', { part: { modelId: gear, quantity: 1 + maker } })
    await confirm(bed, orderId)
    await produce(bed, orderId, state as keyof typeof wishes, maker)
    note(state, orderId)
  }
  const making = await place(three, 'Demo Customer 3', { part: { modelId: vase, quantity: 1, color: 'red' } })
  await confirm(bed, making)
  await produce(bed, making, 'inProduction', 1)
  note('inProduction', making)
  const confirmed = await place(three, 'Demo Customer 3', { part: { modelId: vase, quantity: 3 } })
  await confirm(bed, confirmed)
  note('confirmed', confirmed)

  const rejected = await place(three, 'Demo Customer 3', { sku: 'DEMO-POT' })
  await until('the office sees the order', () => office.crm.getOrder({ params: { orderId: rejected } }))
  const reason = 'This colour of the pot is not made any more.'
  await office.crm.rejectOrder({ params: { orderId: rejected }, body: { reason } })
  await is(office, rejected, 'rejected')
  note('rejected', rejected)
  const cancelled = await place(four, 'Demo Customer 4', { sku: 'DEMO-HOOK' })
  await four.shop.cancelOrder({ params: { orderId: cancelled }, body: { reason: 'Ordered twice' } })
  note('cancelled', cancelled)
  const returned = await place(four, 'Demo Customer 4', { part: { modelId: ring, quantity: 2 } })
  await confirm(bed, returned)
  await produce(bed, returned, 'delivered', 0)
  await office.shop.markPaid({ params: { orderId: returned }, body: { reference: 'Statement 2' } })
  await senior.operators.returnOrder({ params: { orderId: returned }, body: { reason: 'Too tight' } })
  await is(office, returned, 'returned')
  await office.shop.refundOrder({ params: { orderId: returned }, body: { reason: 'It came back' } })
  note('returned', returned)

  const quotedCart = await fillCart(four, { part: { modelId: ring, quantity: 10 } })
  note('quoted', (await four.shop.requestQuote({ body: { cartId: quotedCart } })).orderId)
  // Its price waits for a person, and the quote with it.
  await until('the shop knows the model', () =>
    four.shop.addLine({ body: { kind: 'made', modelId: long, options } }),
  )
  const { cartId } = await four.shop.getCart()
  note('draft', (await four.shop.requestQuote({ body: { cartId } })).orderId)
  return made
}
