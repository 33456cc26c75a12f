/** The quick start's page for browsers, as it is shown: served as its first lines say, with a person who signs up. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../services/oidc/testing-bed.ts'
import { snippetOf } from '../../web/src/atlas/snippets.ts'
import { enterCode, mailedCode, PASSWORD, saying, useHosted } from './hosted.ts'

const app = useHosted('quick-page')
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
let folder: string
let vite: ChildProcess | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pleiad-quick-page-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(modules, 'oidc-client-ts'), join(folder, 'node_modules', 'oidc-client-ts'))
})
afterAll(async () => {
  if (vite?.exitCode === null) {
    const ended = new Promise((resolve) => vite!.once('close', resolve))
    vite.kill()
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

it('signs a person in, knows them when the page is loaded again, and takes no answer it did not ask for', async () => {
  const redirectUri = `http://localhost:${await freePort()}/callback`
  const place = `/projects/${app.projectId}/environments/production`
  const made = await app.owner('POST', `/oidc${place}/apps`, {
    name: 'Page',
    kind: 'browser',
    consent: 'ask',
    redirectUris: [redirectUri],
  })
  const issuer = `${app.platform.url}/oidc/${app.slug}`
  const page = snippetOf('browser', { issuer, appId: made['app'].appId, secret: undefined, redirectUri })
  writeFileSync(join(folder, 'index.html'), page)
  const [, options] = /^ +npx vite (.*)$/m.exec(page)!
  vite = spawn(process.execPath, [join(modules, 'vite', 'bin', 'vite.js'), ...options!.split(' ')], {
    cwd: folder,
    stdio: 'inherit',
  })
  const home = new URL('/', redirectUri).href
  await expect
    .poll(() =>
      fetch(home).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    .toBe(true)

  const visitor = await app.visit()
  const w = saying('en')
  await visitor.page.goto(home)
  await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await visitor.page.waitForURL(/\/sign-in\//)
  await visitor.page.getByRole('button', { name: w.signIn.register, exact: true }).click()
  await visitor.page.getByLabel(w.field.displayName, { exact: true }).fill('Ada')
  await visitor.page.getByLabel(w.field.email, { exact: true }).fill('ada@example.com')
  await visitor.page.getByLabel(w.field.password, { exact: true }).fill(PASSWORD)
  await visitor.page.getByRole('button', { name: w.signUp.submit, exact: true }).click()
  await visitor.page.getByRole('heading', { name: w.hosted.code.title }).waitFor()
  await enterCode(visitor.page, 'en', await mailedCode(app, 'ada@example.com'))
  await visitor.page.getByRole('button', { name: w.hosted.consent.allow, exact: true }).click()

  const answer = visitor.page.locator('pre')
  await answer.filter({ hasText: '"email": "ada@example.com"' }).waitFor()
  expect(visitor.page.url()).toBe(home)
  await visitor.page.reload()
  await answer.filter({ hasText: '"name": "Ada"' }).waitFor()
  await visitor.context.close()

  const other = await app.visit()
  await other.page.goto(`${redirectUri}?error=access_denied&state=made-up`)
  await other.page.locator('pre').filter({ hasText: /\w/ }).waitFor()
  expect(await other.page.locator('pre').textContent()).toBe('No matching state found in storage')
  await other.context.close()
})
