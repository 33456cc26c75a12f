import { describe, expect, it } from 'vitest'
import { type DeadLetter, filtersOf, settleAll, toggled } from './letters.ts'

describe('settleAll', () => {
  it('asks part by part until there is no next one, and tells how far it is', async () => {
    const cursors: (string | undefined)[] = []
    const told: number[][] = []
    const parts = [
      { count: 500, left: 700, next: 'b' },
      { count: 500, left: 201, next: 'c' },
      { count: 200, left: 1 },
    ]
    const count = await settleAll(
      async ({ cursor }) => {
        cursors.push(cursor)
        return parts.shift()!
      },
      (done, all) => told.push([done, all]),
    )
    expect(count).toBe(1200)
    expect(cursors).toEqual([undefined, 'b', 'c'])
    expect(told).toEqual([
      [500, 1200],
      [1000, 1201],
      [1200, 1201],
    ])
  })

  it('leaves what others hold: a part that settles nothing is the last', async () => {
    const count = await settleAll(
      async () => ({ count: 0, left: 3, next: 'again' }),
      () => {},
    )
    expect(count).toBe(0)
  })

  it('stops at the first failure', async () => {
    await expect(
      settleAll(
        async () => {
          throw new Error('offline')
        },
        () => {},
      ),
    ).rejects.toThrow('offline')
  })
})

const letter = (id: string): DeadLetter => ({ consumer: 'kiln.glaze', id }) as DeadLetter
const items = ['1', '2', '3'].map(letter)

describe('what is picked', () => {
  it('is toggled letter by letter; unticking one of all leaves the others of the page', () => {
    expect(toggled(new Set(), items[0]!, items)).toEqual(new Set(['kiln.glaze 1']))
    expect(toggled('all', items[0]!, items)).toEqual(new Set(['kiln.glaze 2', 'kiln.glaze 3']))
  })

  it('becomes filters: one for each letter, one for all that match, one for each service for all there are', () => {
    const some = new Set(['kiln.glaze 1', 'kiln.glaze 3', 'gone 9'])
    expect(filtersOf(some, items, {}, ['auth'])).toEqual([
      { consumer: 'kiln.glaze', id: '1' },
      { consumer: 'kiln.glaze', id: '3' },
    ])
    expect(filtersOf('all', items, { error: 'cold' }, ['auth'])).toEqual([{ error: 'cold' }])
    expect(filtersOf('all', items, {}, ['auth', 'kiln'])).toEqual([{ service: 'auth' }, { service: 'kiln' }])
  })
})
