/** `docs/generated/configuration.md`: every environment variable, of the platform and of each service. */
import type { Service } from '@pleiad/platform/service'
import { platformSettings } from '../platform/service/platform-settings.ts'

export interface Setting {
  readonly description?: string
  readonly default?: unknown
  readonly type?: string
  readonly anyOf?: readonly { readonly const?: unknown }[]
  readonly enum?: readonly unknown[]
  readonly secret?: boolean
}

/** The settings as Markdown tables. All are optional: without a default one is simply off. */
export function configurationTable(services: readonly Service[]): string {
  const section = (title: string, settings: Readonly<Record<string, Setting>>) => [
    `## ${title}`,
    '',
    '| variable | kind | default | what it does |',
    '| --- | --- | --- | --- |',
    ...Object.entries(settings).map(([name, setting]) => {
      const initial = setting.default === undefined || setting.default === '' ? '' : `\`${setting.default}\``
      return `| \`${name}\` | ${kindOf(setting)} | ${initial} | ${(setting.description ?? '').replaceAll('|', '\\|')} |`
    }),
    '',
  ]
  return [
    '# Configuration',
    '',
    'Environment variables, all optional. A wrong value stops the start with a list of everything that is wrong.',
    '',
    ...sectionsOf(services).flatMap(({ title, settings }) => section(title, settings)),
  ].join('\n')
}

/** The settings of the platform and of each service that has any. */
export function sectionsOf(
  services: readonly Service[],
): { title: string; settings: Readonly<Record<string, Setting>> }[] {
  return [
    { title: 'platform', settings: platformSettings.properties as Record<string, Setting> },
    ...services.flatMap(({ contract, settings }) =>
      settings ? [{ title: contract.name, settings: settings.properties as Record<string, Setting> }] : [],
    ),
  ]
}

export function kindOf(setting: Setting): string {
  const values = setting.enum ?? setting.anyOf?.map((option) => option.const)
  const kind = values ? values.map((value) => `\`${value}\``).join(' ') : (setting.type ?? 'string')
  return setting.secret ? `${kind}, secret` : kind
}
