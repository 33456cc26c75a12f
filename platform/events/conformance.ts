/** What every bus driver must do. A driver's test calls `driverConformance`; the memory driver and brokers pass the same. */

import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BusDriver, EventsRefused, type Subscription } from './driver.ts'
import type { Envelope } from './envelope.ts'
import { until } from './harness.ts'

export interface Conformance {
  /** A driver of one process; drivers made in one test share one bus, as the processes of an installation do. */
  readonly make: () => Promise<BusDriver>
  /** Forgets everything between tests. */
  readonly reset?: () => Promise<void>
  /** False for a bus that lives inside one process: a second driver is then another bus. */
  readonly betweenProcesses: boolean
  /** True when `publish` waits for the receivers (memory); false when a broker stands between. */
  readonly synchronous: boolean
  /** Bytes of data that the bus refuses for good; absent when it takes whatever there is memory for. */
  readonly tooLarge?: number
}

let sequence = 0

export function anEvent(type: string, data: unknown = {}, key = 'a'): Envelope {
  return {
    specversion: '1.0',
    id: uuidv7(),
    source: '/services/source',
    type,
    subject: key,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataversion: 1,
    sequence: String(++sequence),
    lane: 'normal',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data,
  }
}

/** Registers the tests. */
export function driverConformance(name: string, bus: Conformance): void {
  describe(`the ${name} driver`, () => {
    let made: BusDriver[] = []
    const open = async () => {
      const driver = await bus.make()
      made.push(driver)
      return driver
    }
    const ids = (events: readonly Envelope[]) => [...new Set(events.map((event) => event.id))].sort()
    const collect = async (
      driver: BusDriver,
      service: string,
      types: string[],
      receive?: Subscription['receive'],
    ) => {
      const got: Envelope[] = []
      await driver.subscribe({
        service,
        types,
        receive: async (events) => {
          await receive?.(events)
          got.push(...events)
        },
      })
      return got
    }

    beforeEach(() => bus.reset?.())
    afterAll(() => bus.reset?.())
    afterEach(async () => {
      for (const driver of made) await driver.close()
      made = []
    })

    test('every event reaches every service that subscribed to its type, unchanged', async () => {
      const driver = await open()
      const users = await collect(driver, 'users', ['thing.happened', 'thing.happened@2'])
      const mail = await collect(driver, 'mail', ['thing.happened'])
      const events = Array.from({ length: 50 }, (_, n) =>
        anEvent(n % 5 === 0 ? 'thing.happened@2' : 'thing.happened', { n, text: 'ж"\\ü' }),
      )
      await driver.publish(events)
      await until(() => expect(ids(users)).toEqual(ids(events)))
      await until(() =>
        expect(ids(mail)).toEqual(ids(events.filter((event) => event.type === 'thing.happened'))),
      )
      expect(users.find((event) => event.id === events[7]!.id)).toEqual(events[7])
    })

    test('an event that nobody subscribed to is no error', async () => {
      const driver = await open()
      await collect(driver, 'users', ['thing.happened'])
      await driver.publish([anEvent('thing.unheard')])
    })

    if (bus.tooLarge !== undefined) {
      test('an event it refuses for good is named, and all others of the batch are safe', async () => {
        const driver = await open()
        const users = await collect(driver, 'users', ['thing.happened'])
        const large = anEvent('thing.happened', { text: 'x'.repeat(bus.tooLarge!) })
        const events = Array.from({ length: 5 }, (_, n) => anEvent('thing.happened', { n }))
        const error = await driver.publish([...events.slice(0, 2), large, ...events.slice(2)]).catch((e) => e)
        expect(error).toBeInstanceOf(EventsRefused)
        expect(error.refused).toEqual([{ event: large, reason: expect.stringMatching(/size/) }])
        await until(() => expect(ids(users)).toEqual(ids(events)))
        const next = anEvent('thing.happened')
        await driver.publish([next])
        await until(() => expect(ids(users)).toContain(next.id))
      }, 60_000)
    }

    test('order is kept from publish to publish', async () => {
      const driver = await open()
      const users = await collect(driver, 'users', ['thing.happened', 'thing.ended'])
      const events = Array.from({ length: 60 }, (_, n) =>
        anEvent(n % 2 ? 'thing.ended' : 'thing.happened', { n }),
      )
      for (let n = 0; n < 60; n += 20) await driver.publish(events.slice(n, n + 20))
      await until(() => expect(ids(users)).toHaveLength(60))
      for (const type of ['thing.ended', 'thing.happened']) {
        const numbers = users
          .filter((event) => event.type === type)
          .map((event) => (event.data as { n: number }).n)
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      }
    })

    test('what a service could not store comes again, and the others keep theirs', async () => {
      const driver = await open()
      let failures = 2
      const users = await collect(driver, 'users', ['thing.happened'], async () => {
        if (failures-- > 0) throw new Error('the database is away')
      })
      const mail = await collect(driver, 'mail', ['thing.happened'])
      const events = [anEvent('thing.happened'), anEvent('thing.happened')]
      // The relay's part of the bargain: what publish refused is published again.
      for (let done = false; !done; ) {
        done = await driver.publish(events).then(
          () => true,
          () => false,
        )
      }
      await until(() => expect(ids(users)).toEqual(ids(events)), 15_000)
      expect(failures).toBeLessThan(0)
      await until(() => expect(ids(mail)).toEqual(ids(events)))
    }, 20_000)

    test(
      bus.synchronous
        ? 'publish rejects when a receiver could not store'
        : 'publish does not wait for receivers',
      async () => {
        const driver = await open()
        let release = () => {}
        await collect(driver, 'users', ['thing.happened'], () =>
          bus.synchronous ? Promise.reject(new Error('no')) : new Promise((resolve) => (release = resolve)),
        )
        if (bus.synchronous) await expect(driver.publish([anEvent('thing.happened')])).rejects.toThrow('no')
        else await driver.publish([anEvent('thing.happened')])
        await until(() => release())
      },
    )

    test('a broadcast reaches every process, and a receiver that throws hurts nobody', async () => {
      const one = await open()
      const two = bus.betweenProcesses ? await open() : one
      const heard: unknown[] = []
      one.onBroadcast('auth.revoked', () => {
        throw new Error('a bug')
      })
      one.onBroadcast('auth.revoked', (message) => void heard.push(['one', message]))
      two.onBroadcast('auth.revoked', (message) => void heard.push(['two', message]))
      two.onBroadcast('other', (message) => void heard.push(['other', message]))
      await until(() => {
        heard.length = 0
        one.broadcast('auth.revoked', { sub: 'ann' })
        return until(() => {
          expect(heard).toContainEqual(['one', { sub: 'ann' }])
          expect(heard).toContainEqual(['two', { sub: 'ann' }])
        }, 200)
      })
      expect(heard).not.toContainEqual(['other', { sub: 'ann' }])
    })

    test('a closed driver publishes nothing', async () => {
      const driver = await open()
      const users = await collect(driver, 'users', ['thing.happened'])
      await driver.close()
      await driver.close()
      await expect(driver.publish([anEvent('thing.happened')])).rejects.toThrow()
      driver.broadcast('auth.revoked', {})
      expect(users).toEqual([])
    })

    if (bus.betweenProcesses) {
      test('of the processes of a service one receives each event', async () => {
        const [emitter, one, two] = [await open(), await open(), await open()]
        const first = await collect(one, 'users', ['thing.happened'])
        const second = await collect(two, 'users', ['thing.happened'])
        const events = Array.from({ length: 200 }, (_, n) => anEvent('thing.happened', { n }))
        await emitter.publish(events)
        await until(() => expect(ids([...first, ...second])).toEqual(ids(events)))
        expect(first.length + second.length).toBe(events.length)
      })

      test('a service is told for which of its types nothing was kept', async () => {
        const subscribe = async (types: string[]) =>
          (await open()).subscribe({ service: 'users', types, receive: async () => {} })
        expect(await subscribe(['thing.happened'])).toEqual(['thing.happened'])
        expect(await subscribe(['thing.happened'])).toEqual([])
      })

      test('events wait for a service that is away', async () => {
        const away = await open()
        await collect(away, 'users', ['thing.happened'])
        await away.close()
        const emitter = await open()
        const events = [anEvent('thing.happened'), anEvent('thing.happened')]
        await emitter.publish(events)
        const users = await collect(await open(), 'users', ['thing.happened'])
        await until(() => expect(ids(users)).toEqual(ids(events)), 15_000)
      }, 20_000)

      test('what a process received but did not store before it died reaches another', async () => {
        const dying = await open()
        await collect(dying, 'users', ['thing.happened'], () => new Promise(() => {}))
        const emitter = await open()
        const events = [anEvent('thing.happened')]
        await emitter.publish(events)
        await new Promise((resolve) => setTimeout(resolve, 200))
        await dying.close()
        const users = await collect(await open(), 'users', ['thing.happened'])
        await until(() => expect(ids(users)).toEqual(ids(events)), 40_000)
      }, 45_000)
    }
  })
}
