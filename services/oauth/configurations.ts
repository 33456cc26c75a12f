/** What a project may write about a provider. */
import { createHash } from 'node:crypto'
import type { Configuration as View } from './contract-schemas.ts'
import type { Provider, Settings } from './provider.ts'
import { returnUrlTrouble } from './urls.ts'

/** A configuration as it is kept, but for its secret. */
export interface Configuration {
  readonly id: string
  readonly projectId: string
  readonly environment: string
  readonly provider: string
  readonly catalogue: string
  readonly name: string
  readonly clientId: string
  readonly secretSet: boolean
  readonly secretChangedAt: Date | undefined
  readonly settings: Settings
  readonly scopes: readonly string[]
  readonly parameters: Settings
  readonly returnUrls: readonly string[]
  readonly signIn: boolean
  readonly enabled: boolean
  readonly handle: string
  /** Grows whenever an address of the provider changes: tokens of the one before are sent to no other. */
  readonly epoch: number
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface FieldTrouble {
  readonly path: string
  readonly message: string
}

/** Parameters that this service sets itself; to replace them would undo what they protect. */
const ownParameters = new Set([
  'client_id',
  'client_secret',
  'code',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
  'user_scope',
])

/** Everything that is wrong with a configuration, by field. */
export function configurationTroubles(
  provider: Provider,
  written: {
    readonly clientId: string
    readonly secret: string | undefined
    readonly secretSet: boolean
    readonly settings: Settings
    readonly parameters: Settings
    readonly returnUrls: readonly string[]
  },
): FieldTrouble[] {
  const troubles: FieldTrouble[] = []
  const add = (path: string, message: string) => void troubles.push({ path: `/body/${path}`, message })
  if (!/^[\x21-\x7e]+$/.test(written.clientId)) add('clientId', 'must not have spaces')
  if (!provider.secretOptional && !written.secretSet && written.secret === undefined)
    add('secret', 'is required by this provider')
  if (written.secret !== undefined) {
    if (provider.secretKind === 'multiline') {
      if (!/^-----BEGIN PRIVATE KEY-----\s[\s\S]+-----END PRIVATE KEY-----\s*$/.test(written.secret))
        add('secret', 'must be the whole key file, from BEGIN PRIVATE KEY to END PRIVATE KEY')
    } else if (!/^[\x21-\x7e]+$/.test(written.secret)) add('secret', 'must not have spaces or line breaks')
    if (provider.catalogue === 'telegram' && !written.secret.startsWith(`${written.clientId}:`))
      add('secret', 'must be the token of this bot: it begins with the bot’s id and a colon')
  }
  const fields = new Map((provider.fields ?? []).map((field) => [field.key, field]))
  for (const [key, value] of Object.entries(written.settings)) {
    const field = fields.get(key)
    if (!field) add(`settings/${key}`, 'is not a setting of this provider')
    else if (field.choices && !field.choices.includes(value))
      add(`settings/${key}`, `must be one of ${field.choices.join(', ')}`)
    else if (field.kind === 'url' && addressTrouble(value)) add(`settings/${key}`, addressTrouble(value)!)
    else if (field.pattern && !field.pattern.test(value)) add(`settings/${key}`, 'is not of the right form')
  }
  for (const { key, required } of fields.values())
    if (required && !written.settings[key]) add(`settings/${key}`, 'is required')
  for (const name of Object.keys(written.parameters))
    if (ownParameters.has(name)) add(`parameters/${name}`, 'is set by the platform')
  for (const [index, address] of written.returnUrls.entries()) {
    const trouble = returnUrlTrouble(address)
    if (trouble) add(`returnUrls/${index}`, trouble)
  }
  return troubles
}

/**
 * A secret goes to the addresses it was written for. Who may change an address must not get the secret by it, which is
 * never shown again: with another address it is given anew.
 */
export function movedSecretTrouble(
  provider: Provider,
  before: Configuration,
  after: { readonly settings: Settings; readonly secret: string | undefined },
): FieldTrouble | undefined {
  if (!hasMoved(provider, before.settings, after.settings) || !before.secretSet || after.secret !== undefined)
    return undefined
  return { path: '/body/secret', message: 'must be given again, because an address of the provider changes' }
}

/** Whether an address of the provider is another one than before. */
export function hasMoved(provider: Provider, before: Settings, after: Settings): boolean {
  return (provider.fields ?? []).some(({ key, kind }) => kind === 'url' && before[key] !== after[key])
}

/** Addresses of providers. That http leads to private networks only is the business of the guard of outbound requests. */
function addressTrouble(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a whole address, beginning with https://'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://'
  if (url.username !== '' || url.password !== '' || text.includes('#'))
    return 'must not have a user name or a fragment'
  return undefined
}

/** The key of a new configuration: of a generic provider the one that was given. */
export function keyOf(provider: Provider, given: string | undefined): string | FieldTrouble {
  if (!provider.generic) {
    if (given === undefined || given === provider.catalogue) return provider.catalogue
    return { path: '/body/provider', message: `must be left out or ${provider.catalogue}` }
  }
  return given ?? provider.catalogue
}

/** Last segment of the redirect URI. It follows from where the provider stands, so it is known before and stays. */
export function handleOf(projectId: string, environment: string, provider: string): string {
  const digest = createHash('sha256').update(`${projectId}/${environment}/${provider}`).digest('hex')
  return `${provider}-${digest.slice(0, 20)}`
}

/** The redirect URI to register at the provider. */
export function redirectUriOf(publicUrl: string, handle: string): string {
  return `${publicUrl}/oauth/callback/${handle}`
}

/** Names of the fields in which two states of a configuration differ. */
export function changedFields(before: Configuration, after: Configuration): string[] {
  const fields = [
    'name',
    'clientId',
    'settings',
    'scopes',
    'parameters',
    'returnUrls',
    'signIn',
    'enabled',
  ] as const
  const changed: string[] = fields.filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  if (before.secretChangedAt?.getTime() !== after.secretChangedAt?.getTime()) changed.push('secret')
  return changed
}

/** A configuration as the console sees it. */
export function viewOf(configuration: Configuration, provider: Provider, publicUrl: string): View {
  const { id: _id, epoch: _epoch, handle, secretChangedAt, createdAt, updatedAt, ...rest } = configuration
  return {
    ...rest,
    scopes: [...rest.scopes],
    returnUrls: [...rest.returnUrls],
    icon: provider.icon,
    redirectUri: redirectUriOf(publicUrl, handle),
    ...(secretChangedAt ? { secretChangedAt: secretChangedAt.toISOString() } : {}),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
