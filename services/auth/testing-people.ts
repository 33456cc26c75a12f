/** For tests of auth: a running platform, people who register, and the mails they get. */
import { type Client, ProblemError } from '@pleiad/platform/client'
import { defineContract, type EventData } from '@pleiad/platform/contract'
import type { Hashing } from '@pleiad/platform/passwords'
import { defineService } from '@pleiad/platform/service'
import type { Sql } from '@pleiad/platform/store'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import users from '@pleiad/users'
import { generateSync } from 'otplib'
import { auth } from './contract.ts'
import service from './service.ts'
import type { Own } from './service-own.ts'

export const PASSWORD = 'correct horse battery'

export interface Person {
  readonly userId: string
  readonly sid: string
  readonly email: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly me: Client<typeof auth>
}

type Mail = EventData<typeof auth, 'email.requested'>

/** Stands in for the service that can open the links of mails. */
const notifications = defineService({
  contract: defineContract({
    name: 'notifications',
    version: '1.0.0',
    summary: 'Opens sealed links, in tests.',
    operations: {},
  }),
  url: new URL('./testing-notifications/service.ts', import.meta.url).href,
  routes: () => ({}),
})

export interface AuthTest {
  readonly platform: TestPlatform
  readonly nobody: Client<typeof auth>
  readonly sql: Sql
  /** The queue of the running service: tests count the work it is given. */
  readonly hashing: Hashing
  /** Registers and signs in; needs AUTH_SIGN_UP=immediate. */
  readonly join: (name: string) => Promise<Person>
  readonly signIn: (email: string, password?: string) => Promise<Person>
  readonly mails: (email: string, kind?: Mail['kind']) => Promise<Mail[]>
  /** The token of the last link of this kind. */
  readonly linkFor: (email: string, kind: Mail['kind']) => Promise<string>
  /** The code that the server prints while there is no administrator. */
  readonly setupCode: () => Promise<string>
  readonly audit: (
    event: string,
  ) => Promise<{ actor_id: string | null; subject_id: string | null; details: Record<string, unknown> }[]>
  /** Turns the second factor on; the code of the authenticator as of a number of steps from now. */
  readonly enrol: (person: Person) => Promise<{ codeAt: (steps: number) => string; recoveryCodes: string[] }>
  /** Moves the clock, and keeps track of it. */
  readonly advance: (milliseconds: number) => void
  readonly now: () => Date
  readonly stop: () => Promise<void>
}

export async function startAuth(
  env: Record<string, string> = { AUTH_SIGN_UP: 'immediate' },
): Promise<AuthTest> {
  const platform = await startTestPlatform({ services: [service, users, notifications], env })
  const runningOf = (name: string) =>
    platform.host.running.find((running) => running.service.contract.name === name)!
  const { sql } = runningOf('auth').store
  const { openSealed } = runningOf('notifications').tools
  const nobody = platform.client(auth)
  let offset = 0
  const now = () => new Date(Date.now() + offset)

  const personOf = (
    answer: { status: string; userId?: string; sid?: string; accessToken?: string; refreshToken?: string },
    email: string,
  ): Person => {
    if (answer.status !== 'signedIn') throw new Error(`${email} is not signed in: ${answer.status}`)
    const { userId, sid, accessToken, refreshToken } = answer as Required<typeof answer>
    return { userId, sid, email, accessToken, refreshToken, me: platform.client(auth, accessToken) }
  }

  const mails = async (email: string, kind?: Mail['kind']): Promise<Mail[]> => {
    await platform.settled()
    const rows = await sql<{ data: Mail }[]>`
      select data from (select sequence, type, data from outbox union all select sequence, type, data from outbox_log) e
      where type = 'email.requested' and data->>'email' = ${email} order by sequence`
    return rows
      .map(({ data: { data, ...mail } }) => ({
        ...mail,
        data: data.sealedUrl ? { ...data, url: openSealed(data.sealedUrl) } : data,
      }))
      .filter((mail) => kind === undefined || mail.kind === kind)
  }

  return {
    platform,
    nobody,
    sql,
    hashing: (runningOf('auth').own as Own).hashing,
    mails,
    now,
    async join(name) {
      const email = `${name}@example.com`
      const body = { email, password: PASSWORD, username: name, displayName: name }
      const person = personOf(await nobody.register({ body }), email)
      await platform.settled()
      return person
    },
    async signIn(email, password = PASSWORD) {
      return personOf(await nobody.login({ body: { email, password } }), email)
    },
    async linkFor(email, kind) {
      const url = (await mails(email, kind)).at(-1)?.data.url
      const token = url && new URLSearchParams(new URL(url).hash.slice(1)).get('token')
      if (!token) throw new Error(`${email} got no ${kind}`)
      return token
    },
    setupCode: async () => /setup\?code=([\w-]+)/.exec((await platform.host.greeting()).join('\n'))![1]!,
    audit: (event) =>
      sql`select actor_id, subject_id, details from audit_log where event = ${event} order by id`,
    async enrol(person) {
      const { secret } = await person.me.startTotp()
      const codeAt = (steps: number) =>
        generateSync({ secret, epoch: Math.floor(now().getTime() / 1000) + steps * 30 })
      const { recoveryCodes } = await person.me.confirmTotp({ body: { code: codeAt(-1) } })
      return { codeAt, recoveryCodes }
    },
    advance(milliseconds) {
      offset += milliseconds
      platform.advance(milliseconds)
    },
    stop: platform.stop,
  }
}

/** The problem that a call is refused with; throws when it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<ProblemError['problem']> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && outcome.error instanceof ProblemError) return outcome.error.problem
  throw 'error' in outcome ? outcome.error : new Error(`Not refused: ${JSON.stringify(outcome.value)}`)
}
