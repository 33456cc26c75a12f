/** When a person is asked, what an app asks for, and the grant of it. */

import type { Static } from '@pleiad/platform/contract'
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { CONSENT, clientField } from './apps.ts'
import type { SignInDetails } from './contract-signin.ts'
import type { Own } from './service-own.ts'
import { describeScope } from './service-resources.ts'
import { type SignIn, save } from './service-signin.ts'
import { inUnit } from './service-unit.ts'

interface Missing {
  readonly missingOIDCScope?: readonly string[]
  readonly missingOIDCClaims?: readonly string[]
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>
}

/** On consent: what the app does not have yet. */
export function consentScopes(
  own: Own,
  { issuer, interaction }: SignIn,
): Static<typeof SignInDetails>['scopes'] {
  if (interaction.prompt.name !== 'consent') return []
  const missing = interaction.prompt.details as Missing
  const names = [
    ...(missing.missingOIDCScope ?? []),
    ...Object.values(missing.missingResourceScopes ?? {}).flat(),
  ]
  return [...new Set(names)]
    .filter((name) => name !== 'openid')
    .map((name) => ({ name, description: describeScope(own, issuer, name) }))
}

/** Gives the app what it asked for; the address where the browser goes on. */
export async function grantAsked(own: Own, signIn: SignIn): Promise<string> {
  const { interaction, live } = signIn
  const { provider } = live
  const missing = interaction.prompt.details as Missing
  let url = ''
  await inUnit(own, { ip: '' }, async () => {
    const known = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined
    const grant =
      known ?? new provider.Grant({ accountId: interaction.session!.accountId, clientId: signIn.appId })
    if (missing.missingOIDCScope) grant.addOIDCScope(missing.missingOIDCScope.join(' '))
    if (missing.missingOIDCClaims) grant.addOIDCClaims([...missing.missingOIDCClaims])
    for (const [resource, scopes] of Object.entries(missing.missingResourceScopes ?? {}))
      grant.addResourceScope(resource, scopes.join(' '))
    interaction.result = { ...interaction.lastSubmission, consent: { grantId: await grant.save() } }
    url = await save(own, signIn)
  })
  return url
}

/** Asks where the app asks. The project's own apps ask nobody, not even for `prompt=consent` or on a phone. */
export function policy(): interactionPolicy.DefaultPolicy {
  const prompts = interactionPolicy.base()
  const consent = prompts.get('consent')!
  for (const name of ['consent_prompt', 'native_client_prompt']) {
    const check = consent.checks.get(name)
    if (!check) continue
    const ask = check.check
    check.check = (ctx) => clientField(ctx.oidc.client, CONSENT) === 'ask' && ask(ctx)
  }
  return prompts
}

/** The grant of this session and app; for the project's own apps it is made without asking. */
export async function grantFor(ctx: KoaContextWithOIDC) {
  const { oidc } = ctx
  const { provider, client, session } = oidc
  const grantId = oidc.result?.consent?.grantId ?? session!.grantIdFor(client!.clientId)
  const known = grantId ? await provider.Grant.find(grantId) : undefined
  if (known && known.accountId !== oidc.account!.accountId) return undefined
  if (clientField(client, CONSENT) !== 'skip') return known
  const grant =
    known ?? new provider.Grant({ accountId: oidc.account!.accountId, clientId: client!.clientId })
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '))
  for (const [resource, server] of Object.entries(oidc.resourceServers ?? {})) {
    const scopes = [...oidc.requestParamScopes].filter((scope) => server.scopes.has(scope))
    if (scopes.length > 0) grant.addResourceScope(resource, scopes.join(' '))
  }
  await grant.save()
  return grant
}
