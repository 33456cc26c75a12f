/** The quick start's programs, run as they are shown: an app of the project, a person who signs in, and what comes out. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, freePort, type Project, startBed } from '../../services/oidc/testing-bed.ts'
import { openBrowser, signInPage } from '../../services/oidc/testing-browser.ts'
import { type SnippetFacts, type SnippetLanguage, snippetOf } from '../../web/src/atlas/snippets.ts'

const PASSWORD = 'a rather long phrase 7'
let bed: Bed
let project: Project
let folder: string

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
  const facts: SnippetFacts = { issuer: project.issuer, appId: app.appId, secret: clientSecret, redirectUri }
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
