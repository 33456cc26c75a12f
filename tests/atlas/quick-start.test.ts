/**
 * The quick start's programs, run as they are shown: an app of the project, a person who signs in, and what comes out.
 * The page for browsers is in tests/browser/quick-start.test.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Bed, freePort, type Project, startBed } from '../../services/oidc/testing-bed.ts'
import { openBrowser, signInPage } from '../../services/oidc/testing-browser.ts'
import { type SnippetLanguage, snippetOf } from '../../web/src/atlas/snippets.ts'

const PASSWORD = 'a rather long phrase 7'
let bed: Bed
let project: Project
let folder: string
let running: ChildProcess | undefined

beforeAll(async () => {
  bed = await startBed()
  project = await bed.createProject('quick')
  const { endUserId } = await project.my.createEndUser({
    params: project.params,
    body: { email: 'ada@example.com', name: 'Ada', emailVerified: true },
  })
  await bed.own.tools.sql`
    update end_users set password_hash = ${await bed.own.hashing.hash(PASSWORD)} where end_user_id = ${endUserId}`
  folder = mkdtempSync(join(tmpdir(), 'pleiad-quick-start-'))
  // What the first line of the program for Node installs.
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
})
afterEach(async () => {
  if (running?.pid !== undefined && running.exitCode === null) {
    const ended = new Promise((resolve) => running!.once('close', resolve))
    // The whole group: `go run` starts what it built.
    process.kill(-running.pid!, 'SIGKILL')
    await ended
  }
  running = undefined
})
afterAll(async () => {
  if (folder) rmSync(folder, { recursive: true, force: true })
  await bed?.stop()
})

/** An app, and its program in a language. */
async function program(language: SnippetLanguage, kind: 'web' | 'native') {
  const redirectUri = `http://localhost:${await freePort()}/callback`
  const { app, clientSecret } = await project.my.createApp({
    params: project.params,
    body: { name: 'Quick', kind, consent: 'skip', redirectUris: [redirectUri] },
  })
  const facts = { issuer: project.issuer, appId: app.appId, secret: clientSecret, redirectUri }
  return { text: snippetOf(language, facts), secret: clientSecret, redirectUri }
}

/** Signs a new browser in from an address; where it ends outside of the installation. */
async function signIn(address: string): Promise<URL> {
  const browser = openBrowser(new URL(project.issuer).origin)
  const step = await browser.page.signInWithPassword({
    params: signInPage(await browser.go(address)),
    body: { email: 'ada@example.com', password: PASSWORD },
  })
  return new URL((await browser.go((step as { url: string }).url)).url)
}

/** How each server is started: what its first lines say, without what they install. */
const servers = {
  node: { file: 'app.mjs', command: [process.execPath] },
  // Debian's Python has Debian's packages; another one that comes first in the path has not.
  python: { file: 'app.py', command: ['/usr/bin/python3'] },
  go: { file: 'main.go', command: ['go', 'run'] },
} as const

/** Starts a program and waits until it listens at its redirect URI. */
async function start(language: keyof typeof servers, kind: 'web' | 'native') {
  const { text, secret, redirectUri } = await program(language, kind)
  const { file, command } = servers[language]
  writeFileSync(join(folder, file), text)
  let said = ''
  running = spawn(command[0], [...command.slice(1), file], {
    cwd: folder,
    detached: true,
    env: { ...process.env, CLIENT_SECRET: secret ?? '', SESSION_SECRET: 'only of this test' },
  })
  running.once('error', ({ message }) => (said += `This test needs ${command[0]}: ${message}`))
  running.stdout!.on('data', (part: Buffer) => (said += part))
  running.stderr!.on('data', (part: Buffer) => (said += part))
  await expect
    .poll(
      async () => {
        if (running!.exitCode !== null || running!.pid === undefined) throw new Error(said)
        return fetch(redirectUri, { redirect: 'manual' }).then(
          () => true,
          () => false,
        )
      },
      { timeout: 100_000 },
    )
    .toBe(true)
  return redirectUri
}

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')

test
  .runIf(process.env['TEST_PROGRAMS'])
  .each(
    (['node', 'python', 'go'] as const).flatMap((language) => [
      [language, 'web'] as const,
      [language, 'native'] as const,
    ]),
  )(
  '%s, an app of kind %s: signs the browser in that began, and no other',
  async (language, kind) => {
    const redirectUri = await start(language, kind)
    const begun = await fetch(new URL('/login', redirectUri), { redirect: 'manual' })
    expect(begun.status).toBe(302)
    const back = await signIn(begun.headers.get('location')!)
    expect(`${back.origin}${back.pathname}`).toBe(redirectUri)

    const another = await fetch(back, { redirect: 'manual' })
    expect(await another.text()).not.toContain('ada@example.com')

    const answered = await fetch(back, { headers: { cookie: cookiesOf(begun) } })
    expect(await answered.json()).toMatchObject({
      sub: expect.any(String),
      email: 'ada@example.com',
      name: 'Ada',
    })
  },
  120_000,
)

test.each(['web', 'native'] as const)(
  'curl: prints an address, and tokens for the code, %s',
  async (kind) => {
    const { text, secret } = await program('curl', kind)
    const file = join(folder, `try-${kind}.sh`)
    // jq only makes it pretty.
    writeFileSync(file, text.replace(/ \| jq$/m, ''))
    const shell = spawn('bash', [file], { env: { ...process.env, CLIENT_SECRET: secret ?? '' } })
    let out = ''
    const ended = new Promise((resolve) => shell.on('close', resolve))
    const address = new Promise<string>((resolve) => {
      shell.stdout.on('data', (part: Buffer) => {
        out += part
        const found = /^(http\S+)$/m.exec(out)
        if (found && out.endsWith('\n')) resolve(found[1]!)
      })
    })
    const back = await signIn(await address)
    shell.stdin.write(`${back.searchParams.get('code')}\n`)
    await ended
    const tokens = JSON.parse(out.slice(out.indexOf('{')))
    expect(tokens).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) })
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString())
    expect(claims).toMatchObject({ iss: project.issuer })
  },
)
