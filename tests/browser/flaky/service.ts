/** A service for tests: its handler fails while `broken` is set, so that an event becomes a dead letter. */
import { defineContract, Type } from '../../../platform/contract/contract.ts'
import { defineRoutes, defineService, emit, on } from '../../../platform/service/service.ts'

export const kiln = defineContract({
  name: 'kiln',
  version: '1.0.0',
  summary: 'Fires pots; for tests.',
  operations: {
    firePot: {
      method: 'POST',
      path: '/pots',
      summary: 'Fire a pot',
      access: 'user',
      body: Type.Object(
        { pot: Type.String({ maxLength: 40, description: 'Which pot' }) },
        { additionalProperties: false },
      ),
    },
  },
  events: {
    'pot.fired': {
      version: 1,
      description: 'A pot was fired.',
      data: Type.Object({ pot: Type.String() }),
      key: 'pot',
      example: { pot: 'blue' },
    },
  },
})

/** Whether the handler fails. */
export const oven = { broken: true }

export const flaky = defineService({
  contract: kiln,
  url: import.meta.url,
  routes: defineRoutes(kiln, () => ({
    firePot: ({ body, transact }) => transact(async (tx) => emit(tx, kiln, 'pot.fired', { pot: body.pot })),
  })),
  handlers: {
    glazePot: on(
      kiln,
      'pot.fired',
      async ({ event, tx }) => {
        if (oven.broken) throw new Error(`The oven is cold: ${event.data.pot} cannot be glazed`)
        await tx`insert into glazes (pot) values (${event.data.pot})
          on conflict (pot) do update set times = glazes.times + 1`
      },
      { maxAttempts: 1 },
    ),
  },
})
