/** The routes and the mount of the small service that the gateway is tested with (toy.ts). */
import { Refusal } from '../contract/problem.ts'
import type { Call, Caller, Mount } from '../service/service.ts'
import type { Store } from '../store/store.ts'
import type { toy } from './toy-contract.ts'

export type ToyCall<N extends keyof (typeof toy)['operations']> = Call<(typeof toy)['operations'][N]>
type Row = { id: string; name: string; count: number; version: number }

/** Runs inside the transaction of `makeThing`, and between its commit and its answer. */
export interface Hooks {
  during: () => Promise<void>
  after: () => Promise<void>
}

const find = async (call: {
  sql: Store['sql']
  params: { id: string }
  fail: (code: 'notFound') => never
}) => {
  const [row] = await call.sql<Row[]>`select * from things where id = ${call.params.id}`
  return row ?? call.fail('notFound')
}
const seen = ({ id, kind, project }: Caller) => ({
  id,
  kind,
  ...(project ? { project: { ...project } } : {}),
})

export const routesOf = (hooks: Hooks) => ({
  makeThing: async (call: ToyCall<'makeThing'>) => {
    const thing = await call.transact(async (tx) => {
      const [row] = await tx<
        Row[]
      >`insert into things (id, name, count, version) values (${call.newId()}, ${call.body.name}, ${call.body.count}, 1) returning *`
      await hooks.during()
      return row!
    })
    await hooks.after()
    return thing
  },
  seeThing: (call: ToyCall<'seeThing'>) => find(call),
  listThings: async ({ query, caller }: ToyCall<'listThings'>) => ({
    limit: query.limit ?? -1,
    loud: query.loud ?? false,
    who: caller?.id ?? 'nobody',
  }),
  changeThing: async (call: ToyCall<'changeThing'>) =>
    call.transact(async (tx) => {
      const [row] = await tx<
        Row[]
      >`update things set count = ${call.body.count}, version = version + 1 where id = ${call.params.id} and version = ${Number(call.ifMatch)} returning *`
      return row ?? call.fail('preconditionFailed')
    }),
  breakThing: async (call: ToyCall<'breakThing'>) => {
    await call.transact(async (tx) => void (await tx`delete from things where id = ${call.params.id}`))
    if (call.params.id.startsWith('00000000')) call.fail('broken', 'It fell.', { height: 3 })
  },
  signIn: async ({ body, answer }: ToyCall<'signIn'>) => {
    answer.cookie('pleiad_access=abc; Path=/')
    answer.cookie('pleiad_refresh=def; Path=/')
    answer.header('x-toy', 'yes')
    return { who: body.name }
  },
  lookAround: async ({ request }: ToyCall<'lookAround'>) => ({ ...request }),
  stumble: async (call: ToyCall<'stumble'>) => stumble(call),
  lookAgain: async () => ({ second: true }),
  wellKnown: async () => ({ root: true }),
  seeProject: async ({ caller }: ToyCall<'seeProject'>) => seen(caller),
  seeEnvironment: async ({ caller }: ToyCall<'seeEnvironment'>) => seen(caller),
  changeEnvironment: async ({ caller }: ToyCall<'changeEnvironment'>) => seen(caller),
  readVault: async ({ caller }: ToyCall<'readVault'>) => seen(caller),
  besideMount: async ({ params }: ToyCall<'besideMount'>) => ({ handle: params.handle }),
})

/** Fails as the body asks. */
async function stumble({ body, transact, sql }: ToyCall<'stumble'>): Promise<{ ok: boolean }> {
  switch (body.how) {
    case 'bug':
      throw new TypeError('secret inner detail')
    case 'undeclared':
      throw new Refusal('nobodyDeclaredThis')
    case 'unfit':
      return { ok: true, extra: 1 } as never
    case 'missing':
      return {} as never
    case 'slow':
      await sql`select pg_sleep(3)`
      return { ok: true }
    case 'clash':
      await transact(async (tx) => {
        for (const id of [1, 2])
          await tx`insert into things (id, name, count, version) values (${`00000000-0000-7000-8000-00000000000${id}`}, 'same', 0, 1)`
      })
  }
  return { ok: true }
}

/** Tells what it was given, or misbehaves as the address asks. */
export const rawMount: Mount = async (request, response, info) => {
  const path = request.url!.split('?')[0]!
  if (path.endsWith('/page')) return info.serveApp()
  if (path.endsWith('/refuse')) throw new Refusal('broken')
  if (path.endsWith('/fail')) throw new TypeError('secret inner detail')
  if (path.endsWith('/half')) {
    response.write('half an ans')
    throw new Error('in the middle')
  }
  if (path.endsWith('/frame')) response.setHeader('content-security-policy', "frame-ancestors 'self'")
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({
      method: request.method,
      url: request.url,
      id: info.id,
      ip: info.ip,
      body: Buffer.concat(chunks).toString(),
    }),
  )
}
