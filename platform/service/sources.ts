/** What the gateway asks services about callers: of this process, or of the one that runs the service. */
import { ofPrograms } from '../identity/credentials.ts'
import type { Running } from './assemble.ts'
import type { CredentialSource, IdentitySource, MembershipSource, Mount } from './callers.ts'
import type { Installation } from './installation.ts'

/** The sources of the services of this process. */
export interface Sources {
  readonly identity: IdentitySource | undefined
  readonly credentials: readonly { readonly service: string; readonly source: CredentialSource }[]
  readonly membership: MembershipSource | undefined
  /** Raw handlers by prefix, by service. */
  readonly mounts: ReadonlyMap<string, Readonly<Record<string, Mount>>>
}

export function sourcesOf(running: readonly Running[]): Sources {
  const identity = running.find(({ service }) => service.identity)
  const membership = running.find(({ service }) => service.membership)
  return {
    identity: identity?.service.identity?.(identity.tools, identity.own),
    credentials: running.flatMap(({ service, tools, own }) =>
      (service.credentials?.(tools, own) ?? []).map((source) => ({ service: service.contract.name, source })),
    ),
    membership: membership?.service.membership?.(membership.tools, membership.own),
    mounts: new Map(
      running.map(({ service, tools, own }) => [service.contract.name, service.mounts?.(tools, own) ?? {}]),
    ),
  }
}

/** Where callers are known: here, or in the process of the service that owns identity. */
export function identityFrom(here: Sources, installation: Installation): IdentitySource | undefined {
  const owner = installation.connected && installation.elsewhere.find(({ identity }) => identity)
  if (here.identity || !owner) return here.identity
  const { name } = owner.contract
  const { ask } = installation
  return {
    loadKeys: () => ask(name, 'loadKeys', []),
    resolveToken: async (token) => (await ask(name, 'resolveToken', [token])) ?? undefined,
    loadRevocations: () => ask(name, 'loadRevocations', []),
  }
}

export function membershipFrom(here: Sources, installation: Installation): MembershipSource | undefined {
  const owner = installation.connected && installation.elsewhere.find(({ membership }) => membership)
  if (here.membership || !owner) return here.membership
  const { name } = owner.contract
  return {
    roleOf: async (projectId, userId) =>
      (await installation.ask(name, 'roleOf', [projectId, userId])) ?? undefined,
  }
}

/** Issuers of programs' tokens in other processes, as these say of themselves. */
export function credentialsElsewhere(installation: Installation): () => readonly CredentialSource[] {
  const names = new Set(installation.elsewhere.map(({ contract }) => contract.name))
  let seen: unknown
  let sources: readonly CredentialSource[] = []
  return () => {
    const others = installation.others()
    if (others === seen) return sources
    seen = others
    const known = new Map<string, CredentialSource>()
    for (const { about } of others)
      for (const { service, prefix, issuer } of about.credentials)
        if (names.has(service))
          known.set(
            keyOf({ prefix, issuer }),
            ofPrograms({
              ...(prefix === undefined ? {} : { prefix }),
              ...(issuer === undefined ? {} : { issuer }),
              resolve: async (token) => {
                const answer = await installation.ask<Resolved | null>(service, 'resolveCredential', [
                  keyOf({ prefix, issuer }),
                  token,
                ])
                if (!answer) return undefined
                const { expires, caller } = answer
                return { caller, ...(expires === undefined ? {} : { expires: new Date(expires) }) }
              },
            }),
          )
    sources = [...known.values()]
    return sources
  }
}

/** As it arrives: a date is text. */
type Resolved = Omit<NonNullable<Awaited<ReturnType<CredentialSource['resolve']>>>, 'expires'> & {
  readonly expires?: string
}

/** The name of a source among those of a service. */
export function keyOf({
  prefix,
  issuer,
}: {
  readonly prefix?: string | undefined
  readonly issuer?: string | undefined
}): string {
  return `${prefix ?? ''} ${issuer ?? ''}`
}

/** Asks `extra` first, and `source` where that knows nothing. */
export function withExtra(
  source: MembershipSource | undefined,
  extra: MembershipSource | undefined,
): MembershipSource | undefined {
  if (!extra) return source
  return {
    roleOf: async (projectId, userId) =>
      (await extra.roleOf(projectId, userId)) ?? source?.roleOf(projectId, userId),
  }
}
