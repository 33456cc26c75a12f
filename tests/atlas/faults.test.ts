/**
 * What an installation has to survive: its PostgreSQL is restarted, its cache is flushed, its process is killed. No
 * session is lost, no token is lost, and the upstream provider sees no refresh twice. The provider is oidc-provider with
 * rotation: a refresh token that comes twice revokes its family, so a mistake would show.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CALLBACK, type Installation, startInstallation, type Tokens } from './parts/installation.ts'

const TOKEN_SECONDS = 5
// Servers and databases start where others work, too.
const LONG_MS = 120_000
let at: Installation

interface Seen {
  readonly refreshes: number
  readonly refused: number
  readonly families: number
}
const seen = () => at.upstream.ask<Seen>('seen')

/** Tries until it works: what a person or a program does while something is away. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + 60_000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function signedIn(login: string) {
  const person = at.person(login)
  const page = await person.open()
  const back = await person.finish(page, await person.comeBack(await person.visitProvider(page)))
  const { body } = await at.redeem(back)
  const { items } = await at.api(body).listOwnConnections({ query: {} })
  return { person, tokens: body, connectionId: items[0]!.connectionId }
}

/** Refreshes the app’s own tokens with the same refresh token until somebody answers. */
const refreshed = (tokens: Tokens) =>
  again(async () => {
    const answer = await at.refresh(tokens.refresh_token)
    if (answer.status >= 500) throw new Error(String(answer.status))
    return answer
  })

const read = (tokens: Tokens, connectionId: string) =>
  at.api(tokens).getToken({ params: { connectionId }, query: { minValidity: 0 } })

/** By the vault's clock, and the provider takes it no more. */
const isOver = (token: { readonly accessToken: string; readonly expiresAt?: string }) =>
  expect
    .poll(
      async () => {
        const headers = { authorization: `Bearer ${token.accessToken}` }
        const { status } = await fetch(`${at.upstream.url}/me`, { headers })
        return status === 401 && Date.now() > Date.parse(token.expiresAt ?? '')
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBe(true)

/** The person is still signed in: the app gets a code and nobody is asked. */
async function isSignedIn(person: Awaited<ReturnType<typeof signedIn>>['person']): Promise<void> {
  const landed = await again(async () => {
    const { url, status } = await person.here.go(at.address())
    if (status >= 500) throw new Error(String(status))
    return url
  })
  expect(landed.startsWith(`${CALLBACK}?code=`), landed).toBe(true)
}

/** Loads the page of a sign-in again and goes on from there: to the app where it was finished, or by the provider. */
async function carriedOn(person: ReturnType<Installation['person']>, page: { handle: string; uid: string }) {
  const reloaded = (await person.here.go(`${at.url}/oidc/${page.handle}/sign-in/${page.uid}`)).url
  if (reloaded.startsWith(CALLBACK)) return reloaded
  const app = await person.finish(page, await person.comeBack(await person.visitProvider(page)))
  if (!app.startsWith(CALLBACK)) throw new Error(app)
  return app
}

describe('on PostgreSQL alone', () => {
  beforeAll(async () => {
    at = await startInstallation({ tokenSeconds: TOKEN_SECONDS })
  }, LONG_MS)
  afterAll(() => at?.stop(), LONG_MS)

  test(
    'PostgreSQL dies in the middle of a sign-in: the person goes on where they were',
    async () => {
      const person = at.person('anna')
      const page = await person.open()
      const back = await person.visitProvider(page)
      await at.crashDatabase()
      // Answered with a ticket, or with a word of regret: in any case the page is there, and may be loaded again.
      await person.comeBack(back).catch(() => 'gone')
      await at.crashDatabase()
      const app = await again(() => carriedOn(person, page))
      const { status, body } = await again(async () => {
        const answer = await at.redeem(app)
        if (answer.status >= 500) throw new Error(String(answer.status))
        return answer
      })
      expect(status).toBe(200)
      expect((await at.api(body).listOwnConnections({ query: {} })).items).toHaveLength(1)
      await isSignedIn(person)
    },
    LONG_MS,
  )

  test(
    'PostgreSQL dies while tokens are refreshed: sessions and tokens are all there, and one refresh reached the provider',
    async () => {
      const { person, tokens, connectionId } = await signedIn('boris')
      const first = await read(tokens, connectionId)
      await isOver(first)
      const before = await seen()
      await at.upstream.ask('hold')
      const reading = Promise.allSettled(Array.from({ length: 5 }, () => read(tokens, connectionId)))
      await at.upstream.ask('held')
      // The provider is about to answer with tokens that exist nowhere else, and there is nowhere to put them.
      await at.crashDatabase()
      await at.upstream.ask('release')
      const own = refreshed(tokens)
      await reading
      const answer = await own
      expect(answer.status).toBe(200)
      const second = await again(() => read(answer.body, connectionId))
      expect(second.accessToken).not.toBe(first.accessToken)
      const after = await seen()
      // One for the token that was over, and at most one more where that was over again by the time of the last question.
      expect(after.refreshes - before.refreshes).toBeLessThanOrEqual(2)
      expect(after).toMatchObject({ refused: before.refused, families: 0 })
      await isSignedIn(person)
    },
    LONG_MS,
  )

  test(
    'kill -9 while the provider’s answer is awaited: the sign-in page is still there, and so is everybody else',
    async () => {
      const { person: other, tokens, connectionId } = await signedIn('clara')
      const person = at.person('dora')
      const page = await person.open()
      const back = await person.visitProvider(page)
      await at.upstream.ask('hold')
      const lost = person.comeBack(back).catch(() => 'gone')
      await at.upstream.ask('held')
      await at.kill()
      await at.upstream.ask('release')
      expect(await lost).toBe('gone')
      await at.start()
      // The code is used up, and says so; the page of the sign-in goes on, and the provider knows the person already.
      expect(await person.comeBack(back)).toContain('/oauth/problem?code=flowUsed')
      const app = await person.finish(page, await person.comeBack(await person.visitProvider(page)))
      expect((await at.redeem(app)).status).toBe(200)
      await isSignedIn(person)
      await isSignedIn(other)
      const { body, status } = await at.refresh(tokens.refresh_token)
      expect(status).toBe(200)
      expect((await read(body, connectionId)).accessToken).toBeTruthy()
      expect((await seen()).families).toBe(0)
    },
    LONG_MS,
  )

  test(
    'kill -9 while the app’s tokens are refreshed and the person is handed back: the same token and the same page work',
    async () => {
      const { person, tokens } = await signedIn('elsa')
      const late = at.person('fred')
      const page = await late.open()
      const landed = await late.comeBack(await late.visitProvider(page))
      const lost = Promise.allSettled([at.refresh(tokens.refresh_token), late.finish(page, landed)])
      await new Promise((resolve) => setTimeout(resolve, 15))
      await at.kill()
      await lost
      await at.start()
      const answer = await at.refresh(tokens.refresh_token)
      expect(answer.status).toBe(200)
      await isSignedIn(person)
      expect((await carriedOn(late, page)).startsWith(CALLBACK)).toBe(true)
      await isSignedIn(late)
      expect((await seen()).families).toBe(0)
    },
    LONG_MS,
  )
})

if (process.env['TEST_REDIS_URL'])
  describe('with the cache in Redis', () => {
    beforeAll(async () => {
      at = await startInstallation({ redis: true, tokenSeconds: TOKEN_SECONDS })
    }, LONG_MS)
    afterAll(() => at?.stop(), LONG_MS)

    test(
      'flushed at any moment of a sign-in, a refresh and a read of the vault: nothing is missed',
      async () => {
        const flush = () => at.redis!.flushall()
        const person = at.person('gina')
        const page = await person.open()
        await flush()
        const back = await person.visitProvider(page)
        // Without anything in it there would be nothing to lose.
        expect(await at.redis!.dbsize()).toBeGreaterThan(0)
        await flush()
        const landed = await person.comeBack(back)
        await flush()
        const app = await person.finish(page, landed)
        await flush()
        const { status, body } = await at.redeem(app)
        expect(status).toBe(200)
        await flush()
        const { items } = await at.api(body).listOwnConnections({ query: {} })
        const first = await read(body, items[0]!.connectionId)
        await isOver(first)
        const before = await seen()
        await at.upstream.ask('hold')
        const reading = Promise.all(Array.from({ length: 10 }, () => read(body, items[0]!.connectionId)))
        await at.upstream.ask('held')
        await flush()
        await at.upstream.ask('release')
        const tokens = await reading
        expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
        const after = await seen()
        expect(after.refreshes - before.refreshes).toBe(1)
        expect(after).toMatchObject({ refused: 0, families: 0 })
        await flush()
        expect((await at.refresh(body.refresh_token)).status).toBe(200)
        await isSignedIn(person)
      },
      LONG_MS,
    )
  })
