/** What the tests of projects stand on: people who have joined, and the mails that invitations are sent in. */
import { Code, ConnectError } from '@connectrpc/connect'
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { type Contract, defineContract, Type, Uuid } from '@pleiad/platform/contract'
import { defineService, emit, type Service, type Tools } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { users } from '@pleiad/users/contract'
import { Profiles } from '@pleiad/users/rpc'
import { webhooks } from '@pleiad/webhooks/contract'
import { uuidv7 } from 'uuidv7'
import { projects } from './contract.ts'
import projectsService from './service.ts'

/** A service that only announces and answers what another would. */
function standIn(name: string, events: NonNullable<Contract['events']>, rpc?: Service['rpc']): Service {
  return defineService({
    contract: defineContract({
      name,
      version: '1.0.0',
      summary: 'Stands in, in tests.',
      operations: {},
      events,
    }),
    url: new URL(`./${name}/service.ts`, import.meta.url).href,
    routes: () => ({}),
    ...(rpc ? { rpc } : {}),
  })
}

/** Offers a scope that only admins may give. */
const powers = defineService({
  contract: defineContract({
    name: 'powers',
    version: '1.0.0',
    summary: 'Stands in, in tests.',
    operations: {
      settle: {
        method: 'POST',
        path: '/projects/:projectId/environments/:environment/settle',
        summary: 'Settles things',
        access: { project: 'admin', scope: 'powers:settle' },
        params: Type.Object({ projectId: Uuid, environment: Type.String({ description: 'Where' }) }),
      },
    },
    scopes: { 'powers:settle': 'Settle things' },
  }),
  url: new URL('./powers/service.ts', import.meta.url).href,
  routes: () => ({ settle: async () => undefined }),
})

export interface Someone {
  readonly id: string
  readonly name: string
  /** Their client. A new one each time: the clock may have moved. */
  readonly my: () => ReturnType<typeof clientOf>
}

function clientOf(platform: TestPlatform, id: string) {
  return platform.client(projects, { id })
}

export interface Bed {
  readonly platform: TestPlatform
  /** All that runs there, for a second process beside it. */
  readonly services: readonly Service[]
  readonly tools: Tools
  /** Somebody with an account and a name. */
  readonly join: (name?: string) => Promise<Someone>
  /** Somebody who was there before this service: it has heard nothing of them, users knows them. */
  readonly joinBefore: (name: string) => Someone
  /** Erases somebody everywhere. */
  readonly erase: (someone: Someone) => Promise<void>
  /** A project of somebody. */
  readonly create: (owner: Someone, slug?: string) => ReturnType<ReturnType<Someone['my']>['createProject']>
  /** Somebody new who has joined a project with a role. */
  readonly member: (
    owner: Someone,
    projectId: string,
    role: 'viewer' | 'developer' | 'admin' | 'owner',
    name?: string,
  ) => Promise<Someone>
  /** The token of the mail last sent to an address. */
  readonly tokenFor: (email: string) => Promise<string>
  /** What projects announced about a project, oldest first. */
  readonly eventsOf: (projectId: string) => Promise<{ type: string; data: Record<string, unknown> }[]>
  /** Lets another service announce something. */
  readonly announce: (source: Contract, type: string, data: object) => Promise<void>
  readonly run: (job: 'finishDeletions' | 'purgeExpired') => Promise<void>
}

export async function startBed(env: Record<string, string> = {}): Promise<Bed> {
  const profiles = new Map<
    string,
    { userId: string; username: string; displayName: string; locale: string }
  >()
  const usersService = standIn('users', users.events!, (router) => {
    const refuse = () => Promise.reject(new ConnectError('not here', Code.Unimplemented))
    router.service(Profiles, {
      getProfiles: async ({ userIds }) => ({
        profiles: userIds.flatMap((id) => {
          const profile = profiles.get(id)
          return profile ? [{ ...profile, timeZone: 'UTC', active: true }] : []
        }),
      }),
      reserveProfile: refuse,
      releaseProfile: refuse,
      findByUsername: refuse,
    })
  })
  const services = [
    projectsService,
    usersService,
    standIn('notifications', {}),
    standIn('oauth', oauth.events!),
    standIn('oidc', oidc.events!),
    standIn('webhooks', webhooks.events!),
    powers as never as Service,
  ]
  const platform = await startTestPlatform({ services, env })
  const running = (name: string) =>
    platform.host.running.find(({ service }) => service.contract.name === name)!
  const { tools, own } = running('projects')
  let counter = 0

  const bed: Bed = {
    platform,
    services,
    tools,
    join: async (name = `Person ${++counter}`) => {
      const someone = bed.joinBefore(name)
      await running('users').tools.transact(async (tx) =>
        emit(tx, users, 'user.created', {
          ...profiles.get(someone.id)!,
          locale: 'en',
          timeZone: 'UTC',
          version: 1,
        }),
      )
      await platform.settled()
      return someone
    },
    joinBefore: (name) => {
      const userId = uuidv7()
      const username = `p${userId.replaceAll('-', '').slice(-20)}`
      profiles.set(userId, { userId, username, displayName: name, locale: 'en' })
      return { id: userId, name, my: () => clientOf(platform, userId) }
    },
    erase: async ({ id }) => {
      await running('users').tools.transact(async (tx) =>
        emit(tx, users, 'user.deleted', { userId: id, by: id }),
      )
      await platform.settled()
    },
    create: (owner, slug = `project-${++counter}`) =>
      owner.my().createProject({ body: { name: `Project ${slug}`, slug } }),
    member: async (owner, projectId, role, name) => {
      const someone = await bed.join(name)
      const email = `${someone.id}@example.com`
      await owner.my().inviteMember({ params: { projectId }, body: { email, role } })
      await someone.my().acceptInvitation({ body: { token: await bed.tokenFor(email) } })
      return someone
    },
    tokenFor: async (email) => {
      await platform.settled()
      const [row] = await tools.sql<{ data: { sealedUrl: string } }[]>`
        select data from outbox_log where type = 'project.invitation.sent' and data->>'email' = ${email}
        order by sequence desc limit 1`
      const url = running('notifications').tools.openSealed(row!.data.sealedUrl)
      return new URLSearchParams(new URL(url).hash.slice(1)).get('token')!
    },
    eventsOf: async (projectId) => {
      await platform.settled()
      const rows = await tools.sql<{ type: string; data: Record<string, unknown> }[]>`
        select type, data from outbox_log where key = ${projectId} order by sequence`
      return rows.map(({ type, data }) => ({ type, data }))
    },
    announce: async (source, type, data) => {
      await running(source.name).tools.transact(async (tx) => emit(tx, source, type, data as never))
      await platform.settled()
    },
    run: (job) =>
      tools.transact((tx) => projectsService.jobs![job]!.run({ ...tools, tx } as never, own as never)),
  }
  return bed
}
