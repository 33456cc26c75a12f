import { describe, expect, test } from 'vitest'
import type { ProjectRole } from '../contract/contract.ts'
import { createMemberships } from './memberships.ts'

const P = '0190b5a8-0000-7000-8000-00000000000a'
const Q = '0190b5a8-0000-7000-8000-00000000000b'

function setup() {
  let time = 0
  let tell: (message: unknown) => void = () => {}
  const roles = new Map<string, ProjectRole>([
    [`${P} ada`, 'admin'],
    [`${P} bob`, 'viewer'],
    [`${Q} ada`, 'owner'],
  ])
  const asked: string[] = []
  const gates: (() => void)[] = []
  let slow = false
  const memberships = createMemberships({
    source: {
      roleOf: async (projectId, userId) => {
        asked.push(`${projectId} ${userId}`)
        const role = roles.get(`${projectId} ${userId}`)
        if (slow) await new Promise<void>((resolve) => gates.push(resolve))
        return role
      },
    },
    onBroadcast: (channel, receive) => {
      if (channel === 'projects.members') tell = receive
    },
    clock: () => time,
  })
  return {
    memberships,
    roles,
    asked,
    advance: (ms: number) => {
      time += ms
    },
    tell: (message: unknown) => tell(message),
    /** From now on answers wait, until the returned function lets them go. */
    hold: () => {
      slow = true
      return () => {
        slow = false
        for (const open of gates.splice(0)) open()
      }
    },
  }
}

describe('memberships', () => {
  test('are known at once after the first question', async () => {
    const { memberships, asked } = setup()
    expect(memberships.roleOf(P, 'ada')).toBeInstanceOf(Promise)
    expect(await memberships.roleOf(P, 'ada')).toBe('admin')
    expect(memberships.roleOf(P, 'ada')).toBe('admin')
    expect(await memberships.roleOf(P, 'eve')).toBeUndefined()
    expect(memberships.roleOf(P, 'eve')).toBeUndefined()
    expect(asked).toEqual([`${P} ada`, `${P} eve`])
  })

  test('are asked for anew after a while, in case a broadcast was lost', async () => {
    const { memberships, roles, advance } = setup()
    await memberships.roleOf(P, 'ada')
    roles.delete(`${P} ada`)
    advance(14_000)
    expect(memberships.roleOf(P, 'ada')).toBe('admin')
    advance(2_000)
    expect(await memberships.roleOf(P, 'ada')).toBeUndefined()
  })

  test('a change of one member leaves the others known', async () => {
    const { memberships, tell, asked } = setup()
    for (const [project, user] of [
      [P, 'ada'],
      [P, 'bob'],
      [Q, 'ada'],
    ] as const)
      await memberships.roleOf(project, user)
    tell({ projectId: P, userId: 'ada' })
    expect(memberships.roleOf(P, 'bob')).toBe('viewer')
    expect(memberships.roleOf(Q, 'ada')).toBe('owner')
    await memberships.roleOf(P, 'ada')
    expect(asked.filter((question) => question === `${P} ada`)).toHaveLength(2)
  })

  test('a change of a project forgets all its members and no others', async () => {
    const { memberships, tell, roles } = setup()
    for (const [project, user] of [
      [P, 'ada'],
      [P, 'bob'],
      [Q, 'ada'],
    ] as const)
      await memberships.roleOf(project, user)
    roles.clear()
    tell({ projectId: P.toUpperCase() })
    expect(await memberships.roleOf(P, 'ada')).toBeUndefined()
    expect(await memberships.roleOf(P, 'bob')).toBeUndefined()
    expect(memberships.roleOf(Q, 'ada')).toBe('owner')
  })

  test.each([{ userId: 'ada' }, {}])(
    'an answer that was under way when %o changed is not kept',
    async (who) => {
      const { memberships, roles, tell, hold } = setup()
      const letGo = hold()
      const before = memberships.roleOf(P, 'ada')
      roles.set(`${P} ada`, 'viewer')
      tell({ projectId: P, ...who })
      const after = memberships.roleOf(P, 'ada')
      letGo()
      expect([await before, await after]).toEqual(['admin', 'viewer'])
      expect(memberships.roleOf(P, 'ada')).toBe('viewer')
    },
  )

  test('broadcasts that make no sense change nothing', async () => {
    const { memberships, tell } = setup()
    await memberships.roleOf(P, 'ada')
    for (const message of [null, undefined, 'x', {}, { projectId: 7 }]) tell(message)
    expect(memberships.roleOf(P, 'ada')).toBe('admin')
  })

  test('what is no id is asked of nobody', () => {
    const { memberships, asked } = setup()
    for (const id of ['', 'x', `${P} `, `${P}\n`, `{${P}}`])
      expect(memberships.roleOf(id, 'ada')).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('that cannot be found out are unavailable, and asked for again', async () => {
    let broken = true
    const memberships = createMemberships({
      source: {
        roleOf: async () => {
          if (broken) throw new Error('the database is away')
          return 'owner'
        },
      },
      onBroadcast: () => {},
    })
    await expect(memberships.roleOf(P, 'ada')).rejects.toMatchObject({ code: 'unavailable' })
    broken = false
    expect(await memberships.roleOf(P, 'ada')).toBe('owner')
    const nobody = createMemberships({ source: undefined, onBroadcast: () => {} })
    await expect(nobody.roleOf(P, 'ada')).rejects.toMatchObject({ code: 'unavailable' })
  })
})
