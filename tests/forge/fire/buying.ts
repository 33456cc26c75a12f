/** From a file to an order that was placed, by people who look, take the next step, and do so again when nobody answered. */
import { setTimeout as pause } from 'node:timers/promises'
import type { PrintOptions } from '@pleiad/editor/contract'
import { ProblemError } from '@pleiad/platform/client'
import { box, bracket, gear } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { options, placing } from '../hands.ts'
import { type Person, SKU, type World } from './world.ts'

const GIVE_UP_MS = 180_000

/** Takes the step again and again until the goal is seen; rejects with the last refusal when it never is. */
export async function reach<T>(
  what: string,
  goal: () => Promise<T | false | undefined>,
  step?: () => Promise<unknown>,
) {
  const end = Date.now() + GIVE_UP_MS
  let refusal: unknown
  let wait = 40
  const noted = (error: unknown) => {
    refusal = error
    return undefined
  }
  while (Date.now() < end) {
    const reached = await goal().catch(noted)
    if (reached) return reached
    await step?.().catch(noted)
    await pause(wait)
    // Ever slower: many who ask without pause leave no time for the work they wait for.
    wait = Math.min(wait * 1.3, 1000)
  }
  throw new Error(`It did not come about in time: ${what}`, { cause: refusal })
}

export interface Way {
  readonly world: World
  readonly customer: Person
  readonly operator: Person
  readonly machineId: string
  /** Models of this customer that can be ordered. */
  readonly models: string[]
}

/** Sends the bytes of an upload from wherever it stands, until all are there. */
async function sendAll({ send }: World, uploadUrl: string, bytes: Uint8Array): Promise<void> {
  const { pathname, search } = new URL(uploadUrl)
  const tus = { 'tus-resumable': '1.0.0' }
  await reach('the file is uploaded', async () => {
    const head = await send(pathname + search, { method: 'HEAD', headers: tus })
    if (Number(head.headers.get('upload-offset')) === bytes.length) return true
    const from = Number(head.headers.get('upload-offset') ?? 0)
    // In two pieces, so that there is something to resume.
    const body = bytes.slice(from, from === 0 ? Math.ceil(bytes.length / 2) : bytes.length)
    const type = 'application/offset+octet-stream'
    const headers = { ...tus, 'content-type': type, 'upload-offset': String(from) }
    await send(pathname + search, { method: 'PATCH', headers, body })
    return false
  })
}

const shapes = [() => box(20, 12, 6), () => bracket(40, 25, 4, 12, 4), () => gear(12, 1.5, 4, 5)]

/** A part of a shape of its own. */
function part(n: number): Uint8Array {
  return n % 3 === 0 ? writeStl(box(12 + (n % 17), 8 + (n % 13), 4 + (n % 7))) : writeStl(shapes[n % 3]!())
}

/** A model of the customer's, ready to be ordered. */
export async function newModel({ world, customer }: Way, n: number): Promise<string> {
  const bytes = part(n)
  const { file, uploadUrl } = await reach('the upload has begun', () =>
    customer.files.createUpload({ body: { name: `part-${n}.stl`, purpose: 'model', size: bytes.length } }),
  )
  await sendAll(world, uploadUrl, bytes)
  const { fileId } = file
  const { modelId } = await reach('the model is known', () =>
    customer.editor.createModel({ body: { fileId }, idempotencyKey: `model-${fileId}` }),
  )
  await reach('the model is ready', async () => {
    const { latest } = await customer.editor.getModel({ params: { modelId } })
    if (latest.state !== 'ready' && latest.state !== 'processing')
      throw new Error(`The model is ${latest.state}: ${JSON.stringify(latest.reasons)}`)
    return latest.state === 'ready'
  })
  return modelId
}

/** Every third order is of ready-made items, every third has both. */
export async function buy(way: Way, n: number, payment: 'invoice' | 'stripe'): Promise<string> {
  const { customer, models } = way
  const print: PrintOptions = { ...options, infillPercent: 10 + (n % 30), quantity: 1 + (n % 3) }
  const made = n % 3 !== 1
  if (made && (models.length === 0 || n % 7 === 0)) models.push(await newModel(way, n))
  const modelId = models.at(-1)!
  let tried = 0
  const add = (body: NonNullable<Parameters<typeof customer.shop.addLine>[0]>['body']) =>
    reach('the line is in the cart', () =>
      customer.shop.addLine({ body: body as never, idempotencyKey: `${n}-${tried}` }).catch((error) => {
        // What was refused did not happen: the shop learns of a model a moment later.
        if (error instanceof ProblemError) tried++
        throw error
      }),
    )
  if (made) await add({ kind: 'made', modelId, options: print })
  tried++
  if (n % 3 !== 0) await add({ kind: 'ready', sku: SKU, quantity: 1 + (n % 2) })
  const { cartId } = await reach('the cart is priced', async () => {
    const cart = await customer.shop.getCart()
    // Every other one does not wait for its price.
    return (n % 2 === 0 || cart.total !== undefined) && cart
  })
  const checkout = () =>
    reach('the cart is ordered', () => customer.shop.checkout({ body: { cartId, ...placing, payment } }))
  // Twice at once, at two doors: it is one order.
  const [first, second] = await Promise.all([checkout(), n % 4 === 0 ? checkout() : undefined])
  if (second && second.orderId !== first.orderId) throw new Error(`The cart ${cartId} was ordered twice`)
  const { orderId } = first
  await reach(
    `${orderId} is created`,
    async () => (await customer.shop.getOrder({ params: { orderId } })).state === 'created',
    async () => {
      const { state, needsAcceptance, total } = await customer.shop.getOrder({ params: { orderId } })
      if (state === 'quoted' && needsAcceptance)
        await customer.shop.acceptPrice({ params: { orderId }, body: { total: total! } })
    },
  )
  return orderId
}

export async function buyAsPartner(way: Way, n: number): Promise<string> {
  const { world } = way
  const { client } = world.partner
  const bytes = part(n)
  const { model, uploadUrl } = await reach('the partner may upload', () =>
    client.createModel({ body: { name: `part-${n}.stl`, size: bytes.length }, idempotencyKey: `p-${n}` }),
  )
  await sendAll(world, uploadUrl, bytes)
  const params = { modelId: model.modelId }
  await reach(
    'the partner’s model is ready',
    async () => (await client.getModel({ params })).state === 'ready',
  )
  const { supports: _s, infillPercent: _i, ...how } = options
  const body = { reference: `PO-${n}`, lines: [{ ...params, ...how }] }
  const { orderId } = await reach('the quote is asked for', () => client.requestQuote({ body }))
  await reach(
    'the quote is priced',
    async () => (await client.getOrder({ params: { orderId } })).state === 'quoted',
  )
  const customer = { name: 'Demo Partner', email: 'demo-partner@example.com' }
  await reach('the partner has ordered', () =>
    client.placeOrder({ body: { quoteId: orderId, customer, delivery: placing.delivery } }),
  )
  return orderId
}
