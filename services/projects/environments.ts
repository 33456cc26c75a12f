/** Environments: the issuer's handle, and which settings are right. */
import type { EnvironmentSettings, Environment as View } from './contract.ts'
import { type FieldTrouble, isWebAddress } from './projects.ts'

export interface Environment {
  readonly projectId: string
  readonly environment: string
  readonly settings: EnvironmentSettings
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const NO_SETTINGS: EnvironmentSettings = { allowedOrigins: [] }

/** The issuer of an environment is `{publicUrl}/oidc/{handle}`. */
export function handleOf(slug: string, environment: string): string {
  return environment === 'production' ? slug : `${slug}.${environment}`
}

function isThisComputer(hostname: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) || hostname.endsWith('.localhost')
}

/** What is wrong with an address people are sent to or come from. */
function addressTrouble(text: string, environment: string): string | undefined {
  const url = isWebAddress(text) ? new URL(text) : undefined
  if (!url) return 'must be an http or https address'
  if (url.hostname.includes('*')) return 'must name one host; * is not understood'
  if (environment === 'production' && url.protocol !== 'https:' && !isThisComputer(url.hostname))
    return 'must begin with https:// in production'
  return undefined
}

function originTrouble(text: string, environment: string): string | undefined {
  const trouble = addressTrouble(text, environment)
  if (trouble) return trouble
  return new URL(text).origin === text
    ? undefined
    : 'must be an origin alone, such as https://app.example.com'
}

/** The settings as they are kept (no origin twice), or what is wrong with them. */
export function checkSettings(
  settings: EnvironmentSettings,
  environment: string,
):
  | { readonly troubles: FieldTrouble[] }
  | { readonly troubles?: undefined; readonly settings: EnvironmentSettings } {
  const troubles: FieldTrouble[] = []
  const check = (path: string, message: string | undefined) => {
    if (message) troubles.push({ path: `/body/${path}`, message })
  }
  for (const [index, origin] of settings.allowedOrigins.entries())
    check(`allowedOrigins/${index}`, originTrouble(origin, environment))
  for (const field of ['defaultRedirectUri', 'defaultLogoutUri'] as const) {
    const address = settings[field]
    if (address === undefined) continue
    check(field, addressTrouble(address, environment))
    if (address.includes('#')) check(field, 'must not have a fragment')
  }
  if (troubles.length > 0) return { troubles }
  return { settings: { ...settings, allowedOrigins: [...new Set(settings.allowedOrigins)] } }
}

/** Whether two settings say the same. */
export function sameSettings(a: EnvironmentSettings, b: EnvironmentSettings): boolean {
  return (
    a.defaultRedirectUri === b.defaultRedirectUri &&
    a.defaultLogoutUri === b.defaultLogoutUri &&
    a.allowedOrigins.join(' ') === b.allowedOrigins.join(' ')
  )
}

export function environmentView(environment: Environment, slug: string): View {
  return {
    environment: environment.environment,
    handle: handleOf(slug, environment.environment),
    settings: environment.settings,
    version: environment.version,
    createdAt: environment.createdAt.toISOString(),
    updatedAt: environment.updatedAt.toISOString(),
  }
}
