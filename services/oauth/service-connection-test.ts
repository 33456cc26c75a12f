/** Tests a configuration as far as that goes without a person, and says in words what is wrong. */
import type { Tools } from '@pleiad/platform/service'
import { configurationTroubles, redirectUriOf } from './configurations.ts'
import { problems } from './contract-problems.ts'
import type { Check } from './contract-schemas.ts'
import { authorizationUrl } from './flows.ts'
import { ProviderTrouble, quoted } from './problems.ts'
import { type Json, withDefaults } from './provider.ts'
import { askJson, createSend } from './service-ask.ts'
import type { Metadata } from './service-discovery.ts'
import { clientTrouble } from './service-exchange.ts'
import type { Own } from './service-own.ts'
import type { Ready } from './service-providers.ts'

const passed = (check: Check['check'], words: string): Check => ({ check, state: 'passed', words })
const unknown = (check: Check['check'], words: string): Check => ({ check, state: 'unknown', words })

/** The failure of a step; what is not the provider's doing is thrown on. */
function failed(check: Check['check'], error: unknown): Check {
  if (!(error instanceof ProviderTrouble)) throw error
  return { check, state: 'failed', code: error.code, words: error.message }
}

/** All steps that can be tried; those after a failed discovery would fail for the same reason and are left out. */
export async function testConnection(tools: Tools, own: Own, ready: Ready): Promise<Check[]> {
  const { provider, client, configuration } = ready
  const troubles = configurationTroubles(provider, {
    ...configuration,
    secret: client.secret,
    clientId: client.clientId,
  })
  if (troubles.length > 0)
    return [
      {
        check: 'settings',
        state: 'failed',
        code: 'configurationNotRight',
        words: troubles.map(({ path, message }) => `${path.replace('/body/', '')} ${message}`).join('; '),
      },
    ]
  const checks = [passed('settings', 'All settings that the provider needs are there.')]
  if (provider.kind === 'signed') return [...checks, await probeSigned(tools, own, ready)]

  let metadata: Metadata
  try {
    metadata = await own.discovery.metadataOf(provider, client.settings, true)
    if (metadata.endpoints.jwks) {
      checks.push(passed('discovery', `The provider is ${metadata.issuer}.`))
      const count = await own.discovery.countKeys(metadata.endpoints.jwks)
      checks.push(passed('keys', `The provider publishes ${count} ${count === 1 ? 'key' : 'keys'}.`))
    }
  } catch (error) {
    return [...checks, failed(checks.length === 1 ? 'discovery' : 'keys', error)]
  }
  return [...checks, await tryAuthorization(tools, own, ready, metadata), await tryToken(tools, own, ready)]
}

async function probeSigned(tools: Tools, own: Own, { provider, client }: Ready): Promise<Check> {
  const send = createSend(tools, own.timeoutSeconds * 1000)
  try {
    await provider.probe!(client, (url, request) => askJson(send, url, request))
    return passed(
      'token',
      'The provider knows the bot. Whether its domain is set shows only when somebody signs in.',
    )
  } catch (error) {
    const wrong = error instanceof ProviderTrouble && error.code === 'providerRefused'
    return failed('token', wrong ? new ProviderTrouble('secretWrong') : error)
  }
}

/** Opens the sign-in page as a browser would. Many providers complain about client and redirect URI only to people. */
async function tryAuthorization(tools: Tools, own: Own, ready: Ready, metadata: Metadata): Promise<Check> {
  const { provider, client, configuration } = ready
  const redirectUri = redirectUriOf(tools.publicUrl, configuration.handle)
  const flow = {
    id: tools.newId(),
    purpose: 'signIn' as const,
    scopes: configuration.scopes.length > 0 ? configuration.scopes : provider.scopes,
    loginHint: undefined,
  }
  const settings = withDefaults(provider, client.settings)
  const url = authorizationUrl(provider, { ...client, settings }, flow, {
    authorization: metadata.endpoints.authorization!,
    redirectUri,
    key: own.flowKey,
  })
  try {
    const answer = await tools.fetchOutside(url, {
      headers: { accept: 'text/html', 'user-agent': 'Mozilla/5.0 (compatible; Pleiad)' },
      timeoutMs: own.timeoutSeconds * 1000,
      maxBytes: 2 * 1024 * 1024,
    })
    const location = answer.headers['location'] ?? ''
    const back = location.startsWith(redirectUri) ? new URL(location).searchParams.get('error') : null
    if (back)
      return {
        check: 'authorization',
        state: 'failed',
        code: 'providerRefused',
        words: `${problems.providerRefused} (${quoted(back)})`,
      }
    if (answer.status >= 400)
      return {
        check: 'authorization',
        state: 'failed',
        code: 'redirectUriRefused',
        words: `The sign-in page answers ${answer.status}: the client id is unknown there, or the redirect URI ${redirectUri} is not registered.`,
      }
    if (/error/i.test(location))
      return unknown(
        'authorization',
        `The provider leads to an error page. Most often the redirect URI ${redirectUri} is not registered there.`,
      )
    return passed('authorization', 'The sign-in page opens.')
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return {
      check: 'authorization',
      state: 'failed',
      code: 'connectFailed',
      words: `The sign-in page: ${words}`,
    }
  }
}

/** Sends a made-up code. A provider that takes the client id and secret complains about nothing but the code. */
async function tryToken(tools: Tools, own: Own, { provider, client, configuration }: Ready): Promise<Check> {
  try {
    const answer = await own.exchange.probe(
      provider,
      client,
      redirectUriOf(tools.publicUrl, configuration.handle),
    )
    const raw = (typeof answer.json === 'object' && answer.json !== null ? answer.json : {}) as Json
    const json = provider.readTokenAnswer?.(raw) ?? raw
    const said = quoted(json['error_description'] ?? json['message'])
    const code = clientTrouble(answer.status, String(json['error'] ?? ''), said ?? quoted(json['error']))
    if (code === 'codeRefused') return passed('token', 'The provider takes the client id and the secret.')
    if (code === 'secretWrong' || code === 'redirectUriRefused')
      return { check: 'token', state: 'failed', code, words: `${problems[code]}${said ? ` (${said})` : ''}` }
    return unknown(
      'token',
      `The provider does not tell whether the secret is right: it answers ${answer.status}${said ? `, ${said}` : ''}.`,
    )
  } catch (error) {
    return failed('token', error)
  }
}
