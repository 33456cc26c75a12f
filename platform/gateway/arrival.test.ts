import { request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startToy, type Toy } from './toy.ts'

const LIMIT_MS = 400
let toy: Toy
beforeAll(async () => {
  toy = await startToy({ arrivalMs: LIMIT_MS })
})
afterAll(() => toy.stop())

/** Sends `pieces` of a body of ten bytes, one each `pauseMs`, and waits for the answer. */
async function trickle(
  path: string,
  pieces: number,
  pauseMs: number,
): Promise<{ status: number; body: string }> {
  const sending = request(`${toy.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 10 },
  })
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', async (response) => {
      resolve({ status: response.statusCode!, body: (await response.toArray()).join('') })
    })
  })
  let over = false
  void answered
    .catch(() => {})
    .finally(() => {
      over = true
    })
  for (let sent = 0; sent < pieces && !over; sent++) {
    sending.write('1')
    await wait(pauseMs)
  }
  return answered
}

test('a body that a mount reads may take as long as it likes while it arrives', async () => {
  const { status, body } = await trickle('/raw/slow', 10, LIMIT_MS / 3)
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ body: '1111111111' })
})

test('a mount does not wait for a body of which nothing comes', async () => {
  const { status, body } = await trickle('/raw/slow', 3, 10)
  expect(status).toBe(400)
  expect(JSON.parse(body)).toMatchObject({ detail: 'The request did not arrive in time.' })
})

test('the body of an operation must be there in time, however steadily it comes', async () => {
  const { status, body } = await trickle('/api/v1/toy/stumble', 10, LIMIT_MS / 3)
  expect(status).toBe(400)
  expect(JSON.parse(body)).toMatchObject({ detail: 'The request did not arrive in time.' })
})
