/** The catalogue: every provider that can be configured. Adding one is a file beside this and a line in it. */
import type { CatalogueEntry } from '../contract-schemas.ts'
import { type Provider, usesPkce, withDefaults } from '../provider.ts'
import { apple } from './apple.ts'
import { discord } from './discord.ts'
import { facebook } from './facebook.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { google } from './google.ts'
import { linkedin } from './linkedin.ts'
import { microsoft } from './microsoft.ts'
import { oauth2 } from './oauth2.ts'
import { oidc } from './oidc.ts'
import { slack } from './slack.ts'
import { spotify } from './spotify.ts'
import { strava } from './strava.ts'
import { telegram } from './telegram.ts'
import { twitch } from './twitch.ts'
import { vk } from './vk.ts'
import { yandex } from './yandex.ts'

/** In the order in which it is shown: the ones that most people have first, generic ones last. */
export const catalogue: readonly Provider[] = [
  google,
  apple,
  microsoft,
  github,
  gitlab,
  facebook,
  yandex,
  vk,
  telegram,
  discord,
  linkedin,
  slack,
  twitch,
  spotify,
  strava,
  oidc,
  oauth2,
]
const byName = new Map(catalogue.map((provider) => [provider.catalogue, provider]))

/** A provider of the catalogue; undefined for an unknown name. */
export function providerNamed(name: string): Provider | undefined {
  return byName.get(name)
}

/** What the console shows of a provider. */
export function entryOf(provider: Provider): CatalogueEntry {
  const settings = withDefaults(provider, {})
  const endpoints = provider.endpoints?.(settings)
  return {
    catalogue: provider.catalogue,
    name: provider.name,
    kind: provider.kind,
    generic: provider.generic ?? false,
    icon: provider.icon,
    documentation: provider.documentation,
    clientIdLabel: provider.clientIdLabel ?? 'Client ID',
    secretLabel: provider.secretLabel ?? 'Client secret',
    secretKind: provider.secretKind ?? 'text',
    secretRequired: !provider.secretOptional,
    fields: (provider.fields ?? []).map(({ pattern: _pattern, choices, ...field }) => ({
      ...field,
      ...(choices ? { choices: [...choices] } : {}),
    })),
    scopes: [...provider.scopes],
    refresh: provider.refresh,
    pkce: usesPkce(provider, settings),
    revocation: provider.issuer !== undefined || endpoints?.revocation !== undefined,
    notes: [...provider.notes],
  }
}
