/** What the tests of oidc stand on: projects that are announced, mails that are read, a browser, a provider. */

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { Code, ConnectError } from '@connectrpc/connect'
import { oauth } from '@pleiad/oauth/contract'
import { SignIn } from '@pleiad/oauth/rpc'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit, on, type Service, type Tools } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { uuidv7 } from 'uuidv7'
import { oidc } from './contract.ts'
import oidcService from './service.ts'
import type { Own } from './service-own.ts'
import { type Browser, openBrowser } from './testing-browser.ts'

export interface Mail {
  readonly email: string
  readonly kind: string
  readonly code?: string
  readonly url?: string
}

/** Who the stand-in provider says came back. */
export interface Person {
  readonly subject: string
  readonly email: string
  readonly verified: boolean
  readonly name: string
}

export interface Project {
  readonly projectId: string
  readonly slug: string
  readonly ownerId: string
  readonly issuer: string
  readonly my: ReturnType<typeof clientOf>
  readonly params: { readonly projectId: string; readonly environment: string }
}

export interface Bed {
  readonly platform: TestPlatform
  readonly own: Own
  /** Emits events of projects. */
  readonly projects: Tools
  readonly mails: Mail[]
  /** Tickets of the stand-in provider and who is behind them. */
  readonly tickets: Map<string, Person & { purpose: string; cookie: string }>
  readonly attached: { connectionId: string; endUserId: string }[]
  readonly createProject: (slug?: string) => Promise<Project>
  readonly browser: () => Browser
  readonly lastCode: (email: string) => Promise<string>
  readonly stop: () => Promise<void>
}

function clientOf(platform: TestPlatform, id: string) {
  return platform.client(oidc, { id })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

function standIn(
  name: string,
  parts: Partial<Pick<Service, 'rpc' | 'start' | 'handlers'>> & {
    events?: typeof projects.events | typeof oauth.events
  },
): Service {
  const { events, ...rest } = parts
  const contract = defineContract({
    name,
    version: '1.0.0',
    summary: 'Stands in, in tests.',
    operations: {},
    ...(events ? { events } : {}),
  })
  return defineService({
    contract,
    url: new URL(`./${name}-stand-in/service.ts`, import.meta.url).href,
    routes: () => ({}) as never,
    ...rest,
  } as never)
}

/** Offers Google, and knows the tickets it is told of. */
export function oauthStandIn(tickets: Bed['tickets'] = new Map(), attached: Bed['attached'] = []): Service {
  return standIn('oauth', {
    events: oauth.events,
    rpc: (router) => {
      router.service(SignIn, {
        listProviders: () => ({
          providers: [{ key: 'google', name: 'Google', icon: { path: 'M0 0', color: '#4285f4' } }],
        }),
        begin: ({ provider, returnPath, purpose }) => {
          if (provider !== 'google') throw new ConnectError('providerUnknown', Code.NotFound)
          const cookie = `flow_${purpose}=secret; Path=/oidc; HttpOnly`
          return { url: `https://accounts.example/?to=${encodeURIComponent(returnPath)}`, cookie }
        },
        redeem: ({ ticket, cookieHeader }) => {
          const person = tickets.get(ticket)
          if (!person || !cookieHeader.includes(person.cookie)) throw new ConnectError('no', Code.NotFound)
          tickets.delete(ticket)
          return {
            provider: 'google',
            subject: person.subject,
            email: person.email,
            emailVerified: person.verified,
            name: person.name,
            connectionId: uuidv7(),
            purpose: person.purpose,
          }
        },
        attach: (request) => {
          attached.push({ connectionId: request.connectionId, endUserId: request.endUserId })
          return { connectionId: request.connectionId }
        },
        detach: () => ({}),
        listConnections: () => ({ connections: [] }),
      })
    },
  })
}

/** Starts oidc with stand-ins around it. The public address is the real one, because clients follow it. */
export async function startBed(env: Record<string, string> = {}): Promise<Bed> {
  const mails: Mail[] = []
  const tickets: Bed['tickets'] = new Map()
  const attached: Bed['attached'] = []
  let projectTools: Tools | undefined
  let own: Own | undefined
  const projectsService = standIn('projects', {
    events: projects.events,
    start: (tools: Tools) => {
      projectTools = tools
    },
  })
  const notifications = standIn('notifications', {
    handlers: {
      readMail: on(oidc, 'enduser.mail.requested', async ({ event, openSealed }) => {
        const { email, kind, sealed } = event.data
        mails.push({ email, kind, ...(sealed ? JSON.parse(openSealed(sealed)) : {}) })
      }),
    } as never,
  })
  const watched: Service = {
    ...oidcService,
    start: async (tools) => {
      own = (await oidcService.start!(tools)) as Own
      return own
    },
  }
  const port = await freePort()
  const platform = await startTestPlatform({
    services: [notifications, oauthStandIn(tickets, attached), watched, projectsService],
    env: { PORT: String(port), PUBLIC_URL: `http://localhost:${port}`, AUTH_HASH_CONCURRENCY: '2', ...env },
  })
  const base = `http://localhost:${port}`

  return {
    platform,
    own: own!,
    projects: projectTools!,
    mails,
    tickets,
    attached,
    createProject: async (slug = `p-${uuidv7().slice(-12)}`) => {
      const projectId = uuidv7()
      const ownerId = uuidv7()
      platform.setRole(projectId, ownerId, 'owner')
      await projectTools!.transact(async (tx) => {
        emit(tx, projects, 'project.created', {
          projectId,
          slug,
          name: 'Shop',
          accent: '#1c7ed6',
          environments: ['production', 'development'],
          createdBy: ownerId,
        })
      })
      await platform.settled()
      return {
        projectId,
        slug,
        ownerId,
        issuer: `${base}/oidc/${slug}`,
        my: clientOf(platform, ownerId),
        params: { projectId, environment: 'production' },
      }
    },
    browser: () => openBrowser(base),
    lastCode: async (email) => {
      await platform.settled()
      const code = mails.findLast((mail) => mail.email === email)?.code
      if (!code) throw new Error(`No code was mailed to ${email}`)
      return code
    },
    stop: () => platform.stop(),
  }
}
