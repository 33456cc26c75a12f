import { afterAll, beforeAll, expect, test } from 'vitest'
import { StartError } from '../service/refuse.ts'
import { type Bucket, startBucket } from './bucket.ts'
import { filesConformance } from './conformance.ts'
import { openS3 } from './s3.ts'

let bucket: Bucket
beforeAll(async () => {
  bucket = await startBucket()
})
afterAll(() => bucket.close())

const options = () => ({
  endpoint: bucket.endpoint,
  bucket: bucket.name,
  accessKey: bucket.accessKey,
  secretKey: bucket.secretKey,
  region: 'us-east-1',
  pathStyle: true,
})

filesConformance('a bucket', () => openS3(options()))

async function* of(text: string) {
  yield Buffer.from(text)
}

test('a bucket that cannot be used is refused in words, without the secret', async () => {
  const refusals = [
    [{ bucket: 'nobodys' }, /The bucket nobodys does not exist/],
    [{ secretKey: 'wrong-secret' }, /refuses S3_ACCESS_KEY and S3_SECRET_KEY/],
    [{ accessKey: 'wrong-key' }, /refuses S3_ACCESS_KEY and S3_SECRET_KEY/],
    [{ endpoint: 'http://127.0.0.1:1' }, /cannot be reached/],
  ] as const
  for (const [change, message] of refusals) {
    const error = await openS3({ ...options(), ...change }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(StartError)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain('wrong-')
  }
})

test('a full store and one that fails are told apart, and nothing is half done', async () => {
  const { store, close } = await openS3(options())
  const before = bucket.objects.size
  bucket.failNext('PUT', 'XMinioStorageFull', 507)
  await expect(store.put('full', of('x'))).rejects.toMatchObject({ name: 'StoreError', reason: 'full' })
  await close()
  const denied = await openS3(options())
  bucket.failNext('GET', 'AccessDenied', 403)
  await expect(denied.store.get('any')).rejects.toMatchObject({ reason: 'unavailable' })
  await denied.close()
  expect(bucket.objects.size).toBe(before)
})

test('a tail that was left by a crash is not counted twice', async () => {
  const { store, close } = await openS3(options())
  const growing = await store.begin('tailed')
  await store.append(growing, 0, of('tail'))
  const tails = [...bucket.objects].filter(([key]) => key.startsWith('tails/tailed/'))
  expect(tails).toHaveLength(1)
  await store.append(
    growing,
    4,
    (async function* () {
      yield Buffer.alloc(9 * 1024 * 1024, 1)
    })(),
  )
  // As if the process had died before it removed the tail.
  bucket.objects.set(tails[0]![0], tails[0]![1])
  expect(await store.lengthOf(growing)).toBe(4 + 9 * 1024 * 1024)
  await store.seal(growing)
  expect(bucket.objects.get('tailed')!.body.length).toBe(4 + 9 * 1024 * 1024)
  expect([...bucket.objects.keys()].filter((key) => key.startsWith('tails/tailed/'))).toEqual([])
  await close()
})
