/** Everything that reaches a document says what it is. */
import type { Service } from '@pleiad/platform/service'

interface Described {
  readonly description?: string
}

/** What has no description, one line each: `auth: operation login has no summary`. */
export function descriptionTroubles(
  services: readonly Service[],
  settings: Readonly<Record<string, Described>> = {},
): string[] {
  const troubles: string[] = []
  const need = (where: string, what: string, text: string | undefined) => {
    if ((text ?? '').trim().length < 3) troubles.push(`${where}: ${what}`)
  }
  for (const [name, setting] of Object.entries(settings))
    need('platform', `setting ${name} has no description`, setting.description)
  for (const { contract, metrics, jobs, settings: own } of services) {
    const each = <T>(
      kinds: Readonly<Record<string, T>> | undefined,
      check: (name: string, kind: T) => void,
    ) => {
      for (const [name, kind] of Object.entries(kinds ?? {})) check(name, kind)
    }
    need(contract.name, 'the contract has no summary', contract.summary)
    each(contract.operations, (name, operation) =>
      need(contract.name, `operation ${name} has no summary`, operation.summary),
    )
    each(contract.events, (name, event) => {
      need(contract.name, `event ${name} has no description`, event.description)
      if (event.example === undefined) troubles.push(`${contract.name}: event ${name} has no example`)
    })
    each(contract.topics, (name, topic) =>
      need(contract.name, `topic ${name} has no description`, topic.description),
    )
    each(contract.permissions, (name, text) =>
      need(contract.name, `permission ${name} has no description`, text),
    )
    each(contract.scopes, (name, text) => need(contract.name, `scope ${name} has no description`, text))
    each(contract.errors, (name, error) => {
      need(contract.name, `error ${name} has no title`, error.title)
      need(contract.name, `error ${name} has no description`, error.description)
    })
    each(metrics, (name, metric) =>
      need(contract.name, `metric ${name} has no description`, metric.description),
    )
    each(jobs, (name, job) => need(contract.name, `job ${name} has no description`, job.description))
    each(own?.properties as Readonly<Record<string, Described>> | undefined, (name, setting) =>
      need(contract.name, `setting ${name} has no description`, setting.description),
    )
  }
  return troubles
}
