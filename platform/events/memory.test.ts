import { expect, test } from 'vitest'
import { driverConformance } from './conformance.ts'
import { until } from './harness.ts'
import { createMemoryDriver } from './memory.ts'

driverConformance('memory', {
  make: async () => createMemoryDriver(),
  betweenProcesses: false,
  synchronous: true,
})

test('somebody hears of a broadcast receiver that throws', async () => {
  const errors: unknown[] = []
  const driver = createMemoryDriver((error) => errors.push(error))
  driver.onBroadcast('a', () => {
    throw new Error('a bug')
  })
  driver.broadcast('a', undefined)
  await until(() => expect(errors).toHaveLength(1))
})
