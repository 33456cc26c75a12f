/** What lives as long as the process: settings, and the scopes that keys can have. */
import type { ProjectRole } from '@pleiad/platform/contract'
import { scopesAbove } from '@pleiad/platform/scopes'
import type { Tools } from '@pleiad/platform/service'
import type { ProjectsConfig } from './settings.ts'

export interface OfferedScope {
  readonly scope: string
  readonly service: string
  readonly description: string
}

export interface Own {
  readonly settings: ProjectsConfig
  /** Every scope that some contract of the installation declares. */
  readonly scopes: readonly OfferedScope[]
  /** Those of `scopes` that a member of this role may not give to programs of an environment. */
  readonly scopesAbove: (scopes: readonly string[], environment: string, role: ProjectRole) => string[]
}

export function start({ config, services }: Tools<ProjectsConfig>): Own {
  return {
    settings: config,
    scopesAbove: (scopes, environment, role) =>
      scopesAbove(
        services.map(({ contract }) => contract),
        scopes,
        environment,
        role,
      ),
    scopes: services
      .flatMap(({ contract }) =>
        Object.entries(contract.scopes ?? {}).map(([scope, description]) => ({
          scope,
          service: contract.name,
          description,
        })),
      )
      .sort((a, b) => (a.scope < b.scope ? -1 : 1)),
  }
}
