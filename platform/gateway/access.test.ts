import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ProjectRole, projectRoles } from '../contract/contract.ts'
import { REALTIME_PATH } from './realtime-protocol.ts'
import { ISSUER, startToy, type Toy } from './toy.ts'

const PROJECT = '0190b5a8-0000-7000-8000-00000000000a'
const OTHER = '0190b5a8-0000-7000-8000-00000000000b'

let toy: Toy
beforeAll(async () => {
  toy = await startToy()
  for (const role of projectRoles) toy.members.roles.set(`${PROJECT} ${role}`, role)
  toy.members.roles.set(`${OTHER} stranger`, 'owner')
})
afterAll(() => toy.stop())

/** A token of a program; `claims` makes it a JWT of the project's issuer. */
function program(
  scopes: readonly string[],
  more: { environment?: string; jwt?: boolean; projectId?: string } = {},
) {
  const id = crypto.randomUUID()
  const token = more.jwt ? toy.token({ iss: `${ISSUER}/oidc/shop`, jti: id }) : `plk_${id}`
  const project = { id: more.projectId ?? PROJECT, environment: more.environment ?? 'production', scopes }
  toy.programs.set(token, { id, sid: id, kind: 'program', roles: [], permissions: [], project })
  return { token, id }
}

async function call(path: string, token?: string, method = 'GET') {
  const answer = await fetch(`${toy.url}/api/v1/toy${path}`, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })
  const text = await answer.text()
  return { status: answer.status, body: text ? JSON.parse(text) : undefined, headers: answer.headers }
}

const as = (sub: string) => toy.token({ sub })

describe('operations of a project', () => {
  test('let members in who have the role, and tell the handler which', async () => {
    for (const role of ['developer', 'admin', 'owner'] satisfies ProjectRole[])
      expect(await call(`/projects/${PROJECT}`, as(role))).toMatchObject({
        status: 200,
        body: { id: role, kind: 'session', project: { id: PROJECT, role } },
      })
  })

  test('need a token', async () => {
    expect((await call(`/projects/${PROJECT}`)).status).toBe(401)
    expect((await call(`/projects/${PROJECT}`, 'plk_unknown')).status).toBe(401)
  })

  test('name the role to a member with a lower one', async () => {
    expect(await call(`/projects/${PROJECT}`, as('viewer'))).toMatchObject({
      status: 403,
      body: { code: 'forbidden', role: 'developer' },
    })
  })

  test('take a higher role in production where the contract says so', async () => {
    const change = (environment: string, role: string) =>
      call(`/projects/${PROJECT}/environments/${environment}`, as(role), 'POST')
    expect((await change('staging', 'developer')).status).toBe(200)
    expect((await change('production', 'admin')).status).toBe(200)
    expect(await change('production', 'developer')).toMatchObject({ status: 403, body: { role: 'admin' } })
    expect((await change('staging', 'viewer')).status).toBe(403)
  })

  test('answer those who are no members as if there were no project', async () => {
    const foreign = await call(`/projects/${PROJECT}`, as('stranger'))
    const missing = await call('/projects/0190b5a8-0000-7000-8000-0000000000ff', as('stranger'))
    const senseless = await call('/projects/not-an-id', as('stranger'))
    const { requestId: _1, ...first } = foreign.body
    const { requestId: _2, ...second } = missing.body
    const { requestId: _3, ...third } = senseless.body
    expect(first).toMatchObject({ status: 404, code: 'notFound' })
    expect(second).toEqual(first)
    expect(third).toEqual(first)
  })

  test('do not ask the database about what is no id', async () => {
    const before = toy.members.asked.length
    for (const id of ['not-an-id', "1'--", `${PROJECT}x`, '%00', `${PROJECT}%20`])
      expect([400, 404]).toContain((await call(`/projects/${id}`, as('owner'))).status)
    expect(toy.members.asked.length).toBe(before)
  })

  test('know a project by any spelling of its id', async () => {
    expect(await call(`/projects/${PROJECT.toUpperCase()}`, as('owner'))).toMatchObject({
      status: 200,
      body: { project: { id: PROJECT } },
    })
  })

  test('ask once, and again after a change was told', async () => {
    const roles = toy.members.roles
    roles.set(`${PROJECT} late`, 'admin')
    const asked = () => toy.members.asked.filter((question) => question === `${PROJECT} late`).length
    const answers = await Promise.all([1, 2, 3].map(() => call(`/projects/${PROJECT}`, as('late'))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(asked()).toBe(1)
    roles.set(`${PROJECT} late`, 'viewer')
    toy.broadcast('projects.members', { projectId: PROJECT, userId: 'late' })
    expect((await call(`/projects/${PROJECT}`, as('late'))).status).toBe(403)
    roles.delete(`${PROJECT} late`)
    toy.broadcast('projects.members', { projectId: PROJECT })
    expect((await call(`/projects/${PROJECT}`, as('late'))).status).toBe(404)
    expect(asked()).toBe(3)
  })

  test('refuse programs when they name no scope', async () => {
    expect((await call(`/projects/${PROJECT}`, program(['toy:read']).token)).status).toBe(403)
    expect((await call(`/projects/${OTHER}`, program(['toy:read']).token)).status).toBe(404)
  })
})

describe('programs', () => {
  test.each([{ jwt: false }, { jwt: true }])('pass with the scope, jwt: $jwt', async ({ jwt }) => {
    const { token, id } = program(['toy:read'], { jwt })
    const project = { id: PROJECT, environment: 'production', scopes: ['toy:read'] }
    for (const path of ['/vault', `/projects/${PROJECT}/environments/production`])
      expect(await call(path, token)).toMatchObject({ status: 200, body: { id, kind: 'program', project } })
  })

  test('lacking the scope are told which', async () => {
    const { token } = program(['toy:write'])
    for (const path of ['/vault', `/projects/${PROJECT}/environments/production`]) {
      const { status, body, headers } = await call(path, token)
      expect({ status, ...body }).toMatchObject({ status: 403, code: 'forbidden', scope: 'toy:read' })
      expect(headers.get('www-authenticate')).toMatch(/error="insufficient_scope", scope="toy:read"/)
    }
  })

  test('see nothing of another project or environment', async () => {
    const { token } = program(['toy:read'])
    expect((await call(`/projects/${OTHER}/environments/production`, token)).status).toBe(404)
    expect((await call(`/projects/${PROJECT}/environments/development`, token)).status).toBe(404)
    const developing = program(['toy:read'], { environment: 'development' })
    expect((await call(`/projects/${PROJECT}/environments/production`, developing.token)).status).toBe(404)
  })

  test('may do nothing that is for people', async () => {
    const { token } = program(['toy:read', 'toy:break'])
    expect((await call(`/things/${PROJECT}`, token, 'DELETE')).status).toBe(403)
    const made = await fetch(`${toy.url}/api/v1/toy/things`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"name":"lamp","count":1}',
    })
    expect(made.status).toBe(403)
  })

  test('are nobody where anybody may call', async () => {
    expect(await call('/things', program(['toy:read']).token)).toMatchObject({
      status: 200,
      body: { who: 'nobody' },
    })
  })

  test('have a budget of their own, which their neighbours at the address do not share', async () => {
    const strict = await startToy({ settings: { RATE_LIMIT: 2, PROGRAM_RATE_LIMIT: 30 } })
    const { PROJECT: id } = { PROJECT }
    strict.programs.set('plk_busy', {
      id: 'k-busy',
      sid: 'k-busy',
      kind: 'program',
      roles: [],
      permissions: [],
      project: { id, environment: 'production', scopes: ['toy:read'] },
    })
    const ask = async (token?: string) => {
      const answer = await fetch(`${strict.url}/api/v1/toy/vault`, {
        headers: token ? { authorization: `Bearer ${token}` } : {},
      })
      return [answer.status, answer.headers.get('ratelimit-policy')]
    }
    // Far beyond the ten of the address and the two of a person.
    for (let n = 0; n < 20; n++) expect((await ask('plk_busy'))[0], `request ${n}`).toBe(200)
    expect((await ask('plk_busy'))[1]).toBe('"default-program";q=30;w=60')
    for (let n = 0; n < 9; n++) await ask('plk_busy')
    expect((await ask('plk_busy'))[0]).toBe(429)
    // Who only claims to be a program is counted by the address, as ever.
    const guesses = []
    for (let n = 0; n < 12; n++) guesses.push((await ask(`plk_guess${n}`))[0])
    expect(guesses).toContain(429)
    await strict.stop()
  })

  test('that act for end users share nothing but their app', async () => {
    const strict = await startToy({ settings: { RATE_LIMIT: 2 } })
    for (const endUser of ['ada', 'grace'])
      strict.programs.set(`plk_of${endUser}`, {
        id: 'app',
        sid: endUser,
        kind: 'program',
        roles: [],
        permissions: [],
        project: { id: PROJECT, environment: 'production', scopes: ['toy:read'], endUser },
      })
    const ask = async (token: string) =>
      (await fetch(`${strict.url}/api/v1/toy/vault`, { headers: { authorization: `Bearer ${token}` } }))
        .status
    expect([await ask('plk_ofada'), await ask('plk_ofada'), await ask('plk_ofada')]).toEqual([200, 200, 429])
    expect(await ask('plk_ofgrace')).toBe(200)
    await strict.stop()
  })

  test('have no live connection', async () => {
    const socket = new WebSocket(`${toy.url.replace('http', 'ws')}${REALTIME_PATH}`, {
      headers: { authorization: `Bearer ${program(['toy:read']).token}` },
    })
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
      socket.on('open', () => resolve('open'))
    })
    expect(status).toBe(403)
    socket.on('error', () => {})
    socket.terminate()
  })

  test.each(['sub', 'sid', 'tokenId'])('are refused once revoked by %s', async (name) => {
    const { token, id } = program(['toy:read'])
    expect((await call('/vault', token)).status).toBe(200)
    toy.programs.delete(token)
    const seconds = Math.floor(Date.now() / 1000)
    toy.revoke({ [name]: id, before: seconds, until: seconds + 60 })
    expect((await call('/vault', token)).status).toBe(401)
  })

  test('people may not do what only programs may', async () => {
    expect((await call('/vault', as('owner'))).status).toBe(403)
    expect((await call('/vault')).status).toBe(401)
  })
})

describe('a bad token', () => {
  test.each([
    ['a long one', `plk_${'x'.repeat(600)}`],
    ['a JWT of a foreign issuer', 'foreign'],
    ['a JWT of our issuer that nobody signed', 'unsigned'],
    ['nearly a JWT', 'eyJhbGciOiJFZERTQSJ9..'],
  ])('%s is refused', async (_, kind) => {
    const unsigned = (iss: string) =>
      `${[{ alg: 'none' }, { iss, sub: 'ada', sid: 's', roles: [], permissions: [] }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`
    const token =
      kind === 'foreign'
        ? toy.token({ iss: 'https://evil.example/oidc/shop' })
        : kind === 'unsigned'
          ? unsigned(`${ISSUER}/oidc/shop`)
          : kind
    expect((await call('/vault', token)).status).toBe(401)
    expect((await call(`/projects/${PROJECT}`, token)).status).toBe(401)
  })

  test('that cannot be checked is not refused for good', async () => {
    toy.programs.set('plk_broken', { id: 'x' } as never)
    expect((await call('/vault', 'plk_broken')).status).toBe(503)
    expect((await call('/vault', program(['toy:read']).token)).status).toBe(200)
  })
})
