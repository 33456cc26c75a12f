/** oauth on a test platform: a project with a member, a program, and the neighbours whose events it follows. */
import { oidc } from '@pleiad/oidc/contract'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit, type Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { uuidv7 } from 'uuidv7'
import { oauth } from './contract.ts'
import service from './service.ts'
import { SignIn } from './signin_pb.ts'
import { startTestProvider, type TestProvider } from './testing-provider.ts'

/** Only announces what the neighbour would announce. */
function announcer(name: 'projects' | 'oidc', events: typeof projects.events | typeof oidc.events): Service {
  return defineService({
    contract: defineContract({
      name,
      version: '1.0.0',
      summary: 'Announces, in tests.',
      operations: {},
      events,
    }),
    url: new URL(`./announcer-${name}/service.ts`, import.meta.url).href,
    routes: () => ({}),
  })
}

export type Bed = Awaited<ReturnType<typeof startBed>>

/** The platform, a provider on loopback, and how to go through a flow as a browser does. */
export async function startBed(env: Readonly<Record<string, string>> = {}) {
  const provider: TestProvider = await startTestProvider()
  const platform: TestPlatform = await startTestPlatform({
    services: [service, announcer('projects', projects.events), announcer('oidc', oidc.events)],
    env: { OUTBOUND_ALLOW: '127.0.0.1', ...env },
  })
  const tools = (name: string) =>
    platform.host.running.find(({ service: { contract } }) => contract.name === name)!.tools

  async function announce(
    from: 'projects' | 'oidc',
    type: string,
    data: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const contract = from === 'projects' ? projects : oidc
    await tools(from).transact(async (tx) => emit(tx, contract as never, type as never, data as never))
    await platform.settled()
  }

  /** A project with production and development, an admin of it and a program. */
  async function createProject() {
    const projectId = uuidv7()
    const admin = uuidv7()
    const slug = `p${projectId.slice(-12)}`
    await announce('projects', 'project.created', {
      projectId,
      slug,
      name: 'Acme',
      accent: '#4263eb',
      environments: ['production', 'development'],
      createdBy: admin,
    })
    platform.setRole(projectId, admin, 'admin')
    const scopes = ['connections:read', 'connections:write', 'vault:read']
    const program = platform.programFor({ projectId, scopes })
    return {
      projectId,
      admin,
      place: { projectId, environment: 'production' },
      /** Of a token of now: the clock may have moved. */
      get console() {
        return platform.client(oauth, { id: admin })
      },
      program: platform.client(oauth, program),
      programToken: program,
    }
  }

  const returnUrl = 'https://app.example.org/connected'
  /** The test provider, configured in a project. */
  async function configure(project: Awaited<ReturnType<typeof createProject>>, more: object = {}) {
    return project.console.configureProvider({
      params: project.place,
      body: {
        catalogue: 'oidc',
        provider: 'corporate',
        name: 'Corporate',
        clientId: provider.clientId,
        secret: provider.clientSecret,
        settings: { issuer: provider.url },
        returnUrls: [returnUrl],
        ...more,
      },
    })
  }

  /** A request of the browser to this installation; redirects are looked at, not followed. */
  async function browse(address: string, cookie?: string, init: RequestInit = {}) {
    const url = new URL(address, platform.url)
    const answer = await fetch(`${platform.url}${url.pathname}${url.search}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie ? { cookie } : {}), ...init.headers },
    })
    return {
      status: answer.status,
      location: answer.headers.get('location') ?? '',
      cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0]!,
      text: await answer.text(),
      headers: answer.headers,
    }
  }

  const signIn = () => tools('oidc').rpc(SignIn)

  /** Begins a sign-in; resolves with the address at the provider and the browser's cookie. */
  async function begin(project: { place: { projectId: string; environment: string } }, more: object = {}) {
    const begun = await signIn().begin({
      ...project.place,
      provider: 'corporate',
      returnPath: '/oidc/acme/interaction?uid=1',
      purpose: 'sign_in',
      ...more,
    })
    return { url: begun.url, cookie: begun.cookie.split(';')[0]!, setCookie: begun.cookie }
  }

  /** Connects an end user's account all the way; resolves with the connection's id. */
  async function connect(
    project: Awaited<ReturnType<typeof createProject>>,
    endUserId = 'user-42',
    key = 'corporate',
  ) {
    const session = await project.program.openConnectSession({
      body: { provider: key, endUserId, returnUrl, state: 'app-state' },
    })
    const opened = await browse(session.url)
    const back = await browse(provider.consent(opened.location), opened.cookie)
    const landed = new URL(back.location)
    return { connectionId: landed.searchParams.get('connection')!, landed, session }
  }

  /** What oauth announced about a key, oldest first. */
  async function eventsOf(key: string) {
    await platform.settled()
    const rows = await tools('oauth').sql<{ type: string; data: Record<string, unknown> }[]>`
      select type, data from outbox_log where key = ${key} order by sequence`
    return rows.map(({ type, data }) => ({ type, data }))
  }

  return {
    platform,
    provider,
    advance: (milliseconds: number) => {
      platform.advance(milliseconds)
      provider.behaviour.ahead += milliseconds
    },
    tools: () => tools('oauth'),
    announce,
    createProject,
    configure,
    browse,
    signIn,
    begin,
    connect,
    eventsOf,
    returnUrl,
    stop: async () => {
      await platform.stop()
      await provider.stop()
    },
  }
}
