/** The form of a provider: its values, what of them is sent, and what happens when two people change the same. */
import type { CatalogueEntry, Configuration } from './provider-list.ts'

export interface Parameter {
  /** Keeps a row apart from the others while both are edited. */
  readonly row: number
  key: string
  value: string
}
export interface Values {
  provider: string
  name: string
  clientId: string
  secret: string
  settings: Record<string, string>
  scopes: string[]
  parameters: Parameter[]
  returnUrls: string
  signIn: boolean
  enabled: boolean
}
/** What is written, but for key and secret. */
export type Written = Pick<
  Configuration,
  'name' | 'clientId' | 'settings' | 'scopes' | 'parameters' | 'returnUrls' | 'signIn' | 'enabled'
>
export type Field = keyof Written
export const fields = [
  'name',
  'clientId',
  'settings',
  'scopes',
  'parameters',
  'returnUrls',
  'signIn',
  'enabled',
] as const satisfies readonly Field[]

/** Every setting has a value, if only an empty one, so that its field is controlled. */
export function valuesOf(entry: CatalogueEntry, from: Written | undefined, provider: string): Values {
  return {
    provider,
    name: from?.name ?? entry.name,
    clientId: from?.clientId ?? '',
    secret: '',
    settings: { ...Object.fromEntries(entry.fields.map(({ key }) => [key, ''])), ...from?.settings },
    scopes: [...(from?.scopes ?? [])],
    parameters: Object.entries(from?.parameters ?? {}).map(([key, value], row) => ({ row, key, value })),
    returnUrls: (from?.returnUrls ?? []).join('\n'),
    signIn: from?.signIn ?? true,
    enabled: from?.enabled ?? true,
  }
}

/** What is sent of the form; settings and parameters that are empty are left out. */
export function writtenOf(values: Values): Written {
  const { name, clientId, settings, scopes, parameters, returnUrls, signIn, enabled } = values
  return {
    name: name.trim(),
    clientId: clientId.trim(),
    settings: Object.fromEntries(
      Object.entries(settings)
        .map(([key, value]) => [key, value.trim()] as const)
        .filter(([, value]) => value !== ''),
    ),
    scopes,
    parameters: Object.fromEntries(
      parameters.map(({ key, value }) => [key.trim(), value] as const).filter(([key]) => key !== ''),
    ),
    returnUrls: linesOf(returnUrls).map(({ text }) => text),
    signIn,
    enabled,
  }
}

/** Not empty lines of a text, trimmed, with their numbers as a person counts them. */
export function linesOf(text: string): { number: number; text: string }[] {
  return text
    .split('\n')
    .map((line, at) => ({ number: at + 1, text: line.trim() }))
    .filter((line) => line.text !== '')
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : value
const same = (one: unknown, other: unknown) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

/** The fields in which two states differ. */
export function changedFields(before: Written, after: Written): Field[] {
  return fields.filter((field) => !same(before[field], after[field]))
}

/** Only what was changed, so that nobody else's work is written over. */
export function changes(before: Written, after: Written): Partial<Written> {
  return Object.fromEntries(changedFields(before, after).map((field) => [field, after[field]]))
}

export interface Conflicting {
  /** Changed by the other only: taken over. */
  readonly theirs: readonly (Field | 'secret')[]
  /** Changed by both, to different things: mine stands. */
  readonly both: readonly (Field | 'secret')[]
}
export interface Merged extends Conflicting {
  readonly written: Written
}
type Kept = Written & Pick<Configuration, 'secretChangedAt'>

/** My changes since `before`, on top of what somebody else has saved meanwhile. `secret`: I have typed a new one. */
export function merge(before: Kept, mine: Written, theirs: Kept, secret: boolean): Merged {
  const own = new Set(changedFields(before, mine))
  const changed = changedFields(before, theirs)
  const written = Object.fromEntries(
    fields.map((field) => [field, own.has(field) ? mine[field] : theirs[field]]),
  )
  // Nobody sees whether two secrets are the same.
  const secrets = before.secretChangedAt === theirs.secretChangedAt ? [] : (['secret'] as const)
  return {
    written: written as unknown as Written,
    theirs: [...changed.filter((field) => !own.has(field)), ...(secret ? [] : secrets)],
    both: [
      ...changed.filter((field) => own.has(field) && !same(mine[field], theirs[field])),
      ...(secret ? secrets : []),
    ],
  }
}

/**
 * Bad fields by the name of their input. `line` words a bad line of the return URLs. What is about none of them is
 * left to the general message.
 */
export function errorsAtFields(
  troubles: readonly { readonly path: string; readonly message: string }[],
  values: Values,
  words: {
    readonly field: (message: string) => string
    readonly line: (line: number, trouble: string) => string
  },
): Record<string, string> {
  const found: Record<string, string> = {}
  const add = (name: string, text: string) => {
    found[name] = found[name] === undefined ? text : `${found[name]} ${text}`
  }
  for (const { path, message } of troubles) {
    const [, field = '', rest] = /^[/.]?(?:body[/.])?(\w+)(?:[/.](.+))?$/.exec(path) ?? []
    const text = words.field(message)
    if (field === 'settings' && rest) add(`settings.${rest}`, text)
    else if (field === 'parameters') {
      const row = values.parameters.findIndex(({ key }) => key.trim() === rest)
      add(row < 0 ? 'parameters' : `parameters.${row}.key`, text)
    } else if (field === 'returnUrls' && rest) {
      const line = linesOf(values.returnUrls)[Number(rest)]
      add('returnUrls', line ? words.line(line.number, text) : text)
    } else if (field in values) add(field, text)
  }
  return found
}
