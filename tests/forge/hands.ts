/** What people and programs do in the workshop, through the typed clients of a running installation. */
import { setTimeout as pause } from 'node:timers/promises'
import { crm } from '@pleiad/crm/contract'
import { editor, type PrintOptions } from '@pleiad/editor/contract'
import { files } from '@pleiad/files/contract'
import { mes } from '@pleiad/mes/contract'
import { notifications } from '@pleiad/notifications/contract'
import { operators } from '@pleiad/operators/contract'
import { createClient } from '@pleiad/platform/client'
import { shop } from '@pleiad/shop/contract'

export const options: PrintOptions = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.3,
  infillPercent: 15,
  supports: 'auto',
  finish: 'as-made',
  quantity: 2,
}

export const placing = {
  customer: { name: 'Demo Customer 1', email: 'customer@example.com' },
  delivery: {
    method: 'post',
    address: { name: 'Demo Customer 1', street: 'Road 1', city: 'Town', postalCode: '1', country: 'DE' },
  },
  payment: 'invoice',
} as const

/** Where the installation is reached, and as whom; asked for each request, since tokens end. */
export interface Door {
  readonly url: () => string
  readonly token: () => string
}

export type Hands = ReturnType<typeof handsAt>

export function handsAt({ url, token }: Door) {
  const reach = {
    fetch: (path: string, init: RequestInit) => fetch(url() + path, init),
    headers: () => ({ authorization: `Bearer ${token()}` }),
  }
  return {
    url,
    crm: createClient(crm, reach),
    editor: createClient(editor, reach),
    files: createClient(files, reach),
    mes: createClient(mes, reach),
    notifications: createClient(notifications, reach),
    operators: createClient(operators, reach),
    shop: createClient(shop, reach),
  }
}

/** Asks until the answer is there; what throws counts as no answer yet. Rejects with the last error after `ms`. */
export async function until<T>(
  ask: () => Promise<T | false | undefined>,
  what: string,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms
  let trouble: unknown
  // Ever slower: who asks without pause for a minute uses up a rate plan.
  for (let wait = 50; Date.now() < end; wait = Math.min(wait * 1.2, 500)) {
    const answer = await ask().catch((error: unknown) => {
      trouble = error
      return undefined
    })
    if (answer) return answer
    await pause(wait)
  }
  throw new Error(`It did not come about in time: ${what}`, { cause: trouble })
}

/** Sends bytes to an upload's address by tus 1.0.0, in two pieces, as after a break: the second begins where HEAD says. */
export async function sendBytes(url: string, uploadUrl: string, bytes: Uint8Array): Promise<void> {
  const address = url + new URL(uploadUrl).pathname + new URL(uploadUrl).search
  const headers = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
  const patch = async (from: number, to: number) => {
    const body = bytes.slice(from, to)
    const answer = await fetch(address, {
      method: 'PATCH',
      headers: { ...headers, 'upload-offset': String(from) },
      body,
    })
    if (answer.status !== 204)
      throw new Error(`The upload was answered ${answer.status}: ${await answer.text()}`)
  }
  await patch(0, Math.floor(bytes.length / 2))
  const head = await fetch(address, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
  await patch(Number(head.headers.get('upload-offset')), bytes.length)
}

export async function upload(hands: Hands, bytes: Uint8Array, name = 'part.stl'): Promise<string> {
  const { file, uploadUrl } = await hands.files.createUpload({
    body: { name, purpose: 'model', size: bytes.length },
  })
  await sendBytes(hands.url(), uploadUrl, bytes)
  return file.fileId
}

/** Waits until the editor is done with the model's latest version. */
export const looked = (hands: Hands, modelId: string) =>
  until(async () => {
    const model = await hands.editor.getModel({ params: { modelId } })
    return model.latest.state !== 'processing' && model
  }, `the model ${modelId} is looked at`)

/** Waits until every line of the cart has its binding price. */
export const pricedCart = (hands: Hands) =>
  until(async () => {
    const cart = await hands.shop.getCart()
    return cart.total !== undefined && cart.lines.length > 0 && cart
  }, 'the cart is priced')

export const orderIn = (hands: Hands, orderId: string, state: string) =>
  until(async () => {
    const order = await hands.shop.getOrder({ params: { orderId } })
    return order.state === state && order
  }, `the order is ${state}`)
