/** The gateway compiles a schema when the first value comes: that all of them can be, is found here and not by a caller. */
import { fileURLToPath } from 'node:url'
import { type Operation, Type } from '@pleiad/platform/contract'
import { discoverServices } from '@pleiad/platform/discover'
import { expect, test } from 'vitest'
import { buildSerialiser, compileValidator } from '../platform/gateway/schemas.ts'

/** Why an operation's schemas cannot be compiled. */
function troublesOf({ params, query, body, returns }: Operation): string[] {
  const compile = [
    ...Object.entries({ params, query, body, answer: returns }).map(
      ([part, schema]) =>
        () =>
          schema && compileValidator(schema, part as 'params')(undefined),
    ),
    () => returns && buildSerialiser(returns),
  ]
  return compile.flatMap((work) => {
    try {
      work()
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

test('every schema of every operation compiles', { timeout: 120_000 }, async () => {
  const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
  const troubles = services.flatMap(({ contract }) =>
    Object.entries<Operation>(contract.operations).flatMap(([name, operation]) =>
      troublesOf(operation).map((trouble) => `${contract.name}.${name}: ${trouble}`),
    ),
  )
  expect(troubles).toEqual([])
  const [{ operations } = { operations: {} }] = services.map(({ contract }) => contract)
  const broken = { ...Object.values<Operation>(operations)[0]!, returns: Type.Unsafe({ type: 'nothing' }) }
  expect(troublesOf(broken)).toEqual([expect.stringContaining('invalid'), expect.stringContaining('invalid')])
})
