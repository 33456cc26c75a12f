import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { languages, type SnippetFacts, snippetOf } from './snippets.ts'

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
const tricky: SnippetFacts = { ...web, redirectUri: 'https://app.example/cb?a=\'"`$(id)' }

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

  it.each(['node', 'browser'] as const)('%s is valid JavaScript, whatever the address', (language) => {
    for (const facts of [web, open, tricky])
      expect(() => stripTypeScriptTypes(snippetOf(language, facts))).not.toThrow()
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
