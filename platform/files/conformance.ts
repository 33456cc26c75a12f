/** What every object store must do. The folder and the bucket pass the same suite. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bytes, type FilesDriver, type ObjectStore, objectStoreOf, StoreError } from './store.ts'

const MIB = 1024 * 1024

async function* pieces(bytes: Buffer, size = 64 * 1024): Bytes {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function* breakingOff(bytes: Buffer): Bytes {
  yield* pieces(bytes)
  throw new Error('the connection broke')
}
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of from) found.push(each)
  return found
}

/** Registers the tests. */
export function filesConformance(name: string, open: () => Promise<FilesDriver>): void {
  describe(`the object store in ${name}`, () => {
    let driver: FilesDriver
    let store: ObjectStore
    let count = 0
    const fresh = () => `test-${process.pid}-${Date.now()}-${count++}`
    beforeAll(async () => {
      driver = await open()
      store = objectStoreOf(driver.store, fresh())
    })
    afterAll(() => driver.close())
    const read = async (key: string, range?: { start: number; end: number }) => {
      const stream = await store.get(key, range)
      return stream && Buffer.concat(await stream.toArray())
    }

    test.each([0, 1, 70_000, 8 * MIB, 17 * MIB + 3])(
      'an object of %i bytes comes back as it was',
      async (size) => {
        const bytes = randomBytes(size)
        const key = fresh()
        expect(await store.put(key, pieces(bytes))).toEqual({ size })
        expect(sha((await read(key))!)).toBe(sha(bytes))
        expect(await store.head(key)).toMatchObject({ key, size, modified: expect.any(Date) })
        await store.delete(key)
        expect(await store.head(key)).toBeUndefined()
        expect(await store.get(key)).toBeUndefined()
      },
    )

    test('ranges are exact', async () => {
      const bytes = randomBytes(100_000)
      const key = fresh()
      await store.put(key, pieces(bytes))
      for (const [start, end] of [
        [0, 0],
        [5, 99_998],
        [99_999, 99_999],
      ] as const)
        expect(sha((await read(key, { start, end }))!)).toBe(sha(bytes.subarray(start, end + 1)))
    })

    test('a whole object replaces one of its name; one whose bytes break off does not', async () => {
      const key = fresh()
      await store.put(key, pieces(Buffer.from('old')))
      await store.put(key, pieces(Buffer.from('newer')))
      expect((await read(key))!.toString()).toBe('newer')
      for (const size of [1000, 20 * MIB])
        await expect(store.put(key, breakingOff(randomBytes(size)))).rejects.toThrow('the connection broke')
      expect((await read(key))!.toString()).toBe('newer')
      expect(await all(store.listGrowing(key))).toEqual([])
    })

    test('lists what begins with a prefix, with every object once', async () => {
      const folder = fresh()
      const keys = Array.from({ length: 25 }, (_, n) => `${folder}/${n % 2 ? 'odd' : 'even'}/${n}`)
      for (const key of keys) await store.put(key, pieces(Buffer.from(key)))
      const listed = await all(store.list(`${folder}/`))
      expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort())
      expect(listed.every(({ key, size }) => size === key.length)).toBe(true)
      expect(await all(store.list(`${folder}/odd/`))).toHaveLength(12)
      await store.delete(...keys, `${folder}/unknown`)
      expect(await all(store.list(`${folder}/`))).toEqual([])
    })

    test('grows in pieces of any size, and is there for others when it is sealed', async () => {
      const key = fresh()
      const growing = await store.begin(key)
      expect(await store.lengthOf(growing)).toBe(0)
      const bytes = randomBytes(30 * MIB)
      let length = 0
      for (const piece of [10, 3 * MIB, 0, 9 * MIB, 1, 8 * MIB, 8 * MIB - 11, 2 * MIB]) {
        length = await store.append(growing, length, pieces(bytes.subarray(length, length + piece)))
        expect(await store.lengthOf(growing)).toBe(length)
      }
      expect(length).toBe(30 * MIB)
      expect(await store.head(key)).toBeUndefined()
      expect((await all(store.listGrowing(key))).map(({ ref }) => ref)).toEqual([growing.ref])
      await store.seal(growing)
      await store.seal(growing)
      expect(sha((await read(key))!)).toBe(sha(bytes))
      expect(await store.lengthOf(growing)).toBeUndefined()
      expect(await all(store.listGrowing(key))).toEqual([])
    })

    test('an append that breaks off keeps what came before, and the next one goes on from there', async () => {
      const bytes = randomBytes(20 * MIB)
      const growing = await store.begin(fresh())
      await expect(store.append(growing, 0, breakingOff(bytes.subarray(0, 13 * MIB)))).rejects.toThrow(
        'the connection broke',
      )
      const length = (await store.lengthOf(growing))!
      expect(length).toBe(13 * MIB)
      await store.append(growing, length, pieces(bytes.subarray(length)))
      await store.seal(growing)
      expect(sha((await read(growing.key))!)).toBe(sha(bytes))
    })

    test('an append at another place than the end is refused and changes nothing', async () => {
      const growing = await store.begin(fresh())
      await store.append(growing, 0, pieces(Buffer.from('abc')))
      for (const offset of [0, 2, 4])
        await expect(store.append(growing, offset, pieces(Buffer.from('x')))).rejects.toMatchObject({
          name: 'StoreError',
          reason: 'offset',
        })
      expect(await store.lengthOf(growing)).toBe(3)
      await store.discard(growing)
    })

    test('what is given up is gone, for good and as often as one likes', async () => {
      const growing = await store.begin(fresh())
      await store.append(growing, 0, pieces(randomBytes(9 * MIB)))
      await store.discard(growing)
      await store.discard(growing)
      expect(await store.lengthOf(growing)).toBeUndefined()
      expect(await all(store.listGrowing(growing.key))).toEqual([])
      await expect(store.append(growing, 0, pieces(Buffer.from('x')))).rejects.toBeInstanceOf(StoreError)
      await expect(store.seal(growing)).rejects.toMatchObject({ reason: 'missing' })
    })

    test('two that grow under one name do not meet', async () => {
      const key = fresh()
      const [one, two] = [await store.begin(key), await store.begin(key)]
      await store.append(one, 0, pieces(Buffer.from('one')))
      await store.append(two, 0, pieces(Buffer.from('second')))
      expect(await store.lengthOf(one)).toBe(3)
      await store.seal(two)
      expect((await read(key))!.toString()).toBe('second')
      await store.discard(one)
      expect((await read(key))!.toString()).toBe('second')
    })

    test('a key is never a path', async () => {
      for (const key of [
        '',
        '..',
        '../x',
        'a/../b',
        '/a',
        'a//b',
        'a/',
        'A',
        'a\0',
        'a.b',
        'a\\b',
        'x'.repeat(200),
      ])
        await expect(store.head(key), key).rejects.toThrow('is not a key')
    })

    test('the keys of one service are unknown to another', async () => {
      const [ann, ben] = [objectStoreOf(driver.store, fresh()), objectStoreOf(driver.store, fresh())]
      await ann.put('thing', pieces(Buffer.from('of ann')))
      expect(await ben.head('thing')).toBeUndefined()
      expect(await all(ben.list(''))).toEqual([])
      await ben.delete('thing')
      expect(await all(ann.list(''))).toMatchObject([{ key: 'thing', size: 6 }])
    })
  })
}
