import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { SnippetFacts } from './snippets/facts.ts'
import { languages, snippetOf } from './snippets.ts'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-snippets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const web: SnippetFacts = {
  issuer: 'http://localhost:8080/oidc/acme',
  appId: 'app_Q2r8sT0vXyZ1a3B5',
  secret: 'wxyz',
  redirectUri: 'http://localhost:3000/callback',
}
const open: SnippetFacts = { ...web, issuer: 'https://id.example/oidc/acme', secret: undefined }
// What somebody could put into a redirect URI to leave its quotes.
const tricky: SnippetFacts = { ...web, redirectUri: 'https://app.example/cb?a=\'"`$(id)</script>' }

describe('the programs', () => {
  it.each(languages)(
    '%s names the issuer, the app and the redirect URI, and never the secret',
    (language) => {
      for (const facts of [web, open]) {
        const program = snippetOf(language, facts)
        expect(program).toContain(facts.issuer)
        expect(program).toContain(facts.appId)
        expect(
          program.includes(facts.redirectUri) || program.includes(encodeURIComponent(facts.redirectUri)),
        ).toBe(true)
        expect(program).not.toContain('wxyz')
        expect(program.includes('CLIENT_SECRET')).toBe(facts.secret !== undefined && language !== 'browser')
      }
    },
  )

  it('node is valid JavaScript, and so is the script of the page, whatever the address', () => {
    for (const facts of [web, open, tricky]) {
      expect(() => stripTypeScriptTypes(snippetOf('node', facts))).not.toThrow()
      const [, script] = snippetOf('browser', facts).split(/<script type="module">|<\/script>/)
      expect(script).toContain('oidc-client-ts')
      expect(() => stripTypeScriptTypes(script!)).not.toThrow()
    }
  })

  it.runIf(process.env['TEST_PROGRAMS'])('go is as gofmt writes it', () => {
    for (const facts of [web, open, tricky]) {
      const program = snippetOf('go', facts)
      expect(execFileSync('gofmt', { input: program, encoding: 'utf8' })).toBe(program)
    }
  })

  it('python can be read, whatever the address', () => {
    for (const facts of [web, open, tricky])
      execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
        input: snippetOf('python', facts),
      })
  })

  it('a page listens where its redirect URI is', () => {
    expect(snippetOf('browser', web)).toContain('npx vite --port 3000 ')
    const elsewhere = { ...web, redirectUri: 'http://127.0.0.1:5173/back' }
    expect(snippetOf('browser', elsewhere)).toContain('npx vite --host 127.0.0.1 --port 5173 ')
    expect(snippetOf('node', { ...web, redirectUri: 'com.example.app:back' })).toContain(
      'com.example.app:back',
    )
  })

  it('curl is a valid shell script, and an address cannot leave its quotes', () => {
    for (const facts of [web, open, tricky]) {
      const file = join(folder, 'try.sh')
      writeFileSync(file, snippetOf('curl', facts))
      execFileSync('bash', ['-n', file])
    }
    const line = snippetOf('curl', tricky)
      .split('\n')
      .find((one) => one.includes('redirect_uri='))!
    expect(line).not.toContain('$(id)')
  })
})
