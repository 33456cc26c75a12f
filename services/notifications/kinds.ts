/**
 * The kinds of notifications, as data. A product adds a kind here and one line in `handlers.ts`; preferences, mails
 * and the bell follow. Its texts are in `texts-en.ts` and `texts-ru.ts`; the types demand both.
 */
export type Locale = 'en' | 'ru'

/** What an event says, as far as a text needs it. */
export type Facts = Readonly<Record<string, string | undefined>>

/** `on` and `off` are defaults that a person may change; `always` and `never` are not theirs to change. */
export type Channel = 'on' | 'off' | 'always' | 'never'

export interface Kind {
  readonly inApp: Channel
  readonly email: Channel
  /** It concerns the safety of the account: also told to people who are deactivated or locked. */
  readonly important?: true
  /** Sent because the person asked for it: not a matter of preferences. */
  readonly onRequest?: true
  /** Facts that give access; masked wherever they are not needed. */
  readonly secrets?: readonly string[]
  /** Page of the app it is about; `:orderId` in it stands for the fact of that name. */
  readonly page?: string
  /** Sent in the name of a project (facts `project`, `accent`, `homeUrl`, `supportEmail`) to one of its end users. */
  readonly branded?: true
}

/** To somebody who signs in to a project's app: they have no account here, so no app and no choice. */
function endUser(secrets: readonly string[]) {
  return {
    inApp: 'never',
    email: 'always',
    onRequest: true,
    important: true,
    branded: true,
    secrets,
  } as const satisfies Kind
}

export const kinds = {
  'verify-email': { inApp: 'never', email: 'always', onRequest: true, secrets: ['url'], important: true },
  'account-exists': { inApp: 'never', email: 'always', onRequest: true, secrets: ['url'], important: true },
  'reset-password': { inApp: 'never', email: 'always', onRequest: true, secrets: ['url'], important: true },
  'change-email': { inApp: 'never', email: 'always', onRequest: true, secrets: ['url'], important: true },
  welcome: { inApp: 'on', email: 'off', page: '/profile' },
  'new-sign-in': { inApp: 'on', email: 'always', important: true, page: '/sessions' },
  'security-notice': { inApp: 'always', email: 'always', important: true, page: '/security' },
  'roles-changed': { inApp: 'on', email: 'on' },
  'account-deactivated': { inApp: 'never', email: 'always', important: true },
  'account-reactivated': { inApp: 'never', email: 'always', important: true, page: '/' },
  'project-invitation': {
    inApp: 'always',
    email: 'always',
    onRequest: true,
    important: true,
    secrets: ['url'],
  },
  'project-joined': { inApp: 'on', email: 'off', page: '/atlas' },
  'project-role-changed': { inApp: 'on', email: 'on', page: '/atlas' },
  'project-left': { inApp: 'on', email: 'on' },
  'project-deletion': { inApp: 'always', email: 'always', important: true, page: '/atlas' },
  'project-orphaned': { inApp: 'on', email: 'on', page: '/admin/projects' },
  'enduser-confirm-email': endUser(['code']),
  'enduser-reset-password': endUser(['code']),
  'enduser-set-password': endUser(['url']),
  'enduser-already-registered': endUser(['url']),
  'enduser-password-changed': endUser([]),
  'order-progress': { inApp: 'on', email: 'on', page: '/forge/orders/:orderId' },
  'order-asks': { inApp: 'always', email: 'on', page: '/forge/orders/:orderId' },
  'order-trouble': { inApp: 'always', email: 'always', page: '/forge/orders/:orderId' },
  'order-payment': { inApp: 'on', email: 'on', page: '/forge/orders/:orderId' },
  'order-message': { inApp: 'on', email: 'on', page: '/forge/orders/:orderId' },
  'order-price': { inApp: 'on', email: 'on', page: '/forge/models/:modelId' },
  'order-model': { inApp: 'on', email: 'off', page: '/forge/models/:modelId' },
  'office-order': { inApp: 'on', email: 'off', page: '/forge/office/:orderId' },
  'office-message': { inApp: 'on', email: 'off', page: '/forge/office/:orderId' },
  'office-price': { inApp: 'on', email: 'off', page: '/forge/office/prices-waiting' },
  digest: { inApp: 'never', email: 'always', onRequest: true, page: '/notifications' },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

export type ProjectKindName = Extract<KindName, `project-${string}` | `enduser-${string}`>

export type ForgeKindName = Extract<KindName, `order-${string}` | `office-${string}`>

export const kindNames = Object.keys(kinds) as KindName[]

/** The kind of this name; undefined for one that an older or newer version knew. */
export function kindOf(name: string): Kind | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name as KindName] : undefined
}

/** The page of the app that facts of this kind are about. */
export function pageOf(name: string, facts: Facts): string | undefined {
  return kindOf(name)?.page?.replace(/:(\w+)/g, (_, fact: string) => encodeURIComponent(facts[fact] ?? ''))
}

const MASK = '••••••'

/** What in the facts of this kind gives access. */
export function secretsOf(name: string): readonly string[] {
  return kindOf(name)?.secrets ?? []
}

/** The facts with everything that gives access hidden. */
export function maskFacts(name: string, facts: Facts): Facts {
  return { ...facts, ...Object.fromEntries(secretsOf(name).map((secret) => [secret, MASK])) }
}

/** The facts without what gives access, as they are kept in clear. */
export function scrubFacts(name: string, facts: Facts): Facts {
  const secrets = secretsOf(name)
  return Object.fromEntries(Object.entries(facts).filter(([fact]) => !secrets.includes(fact)))
}

/** What gives access, encrypted by `seal`: kept apart from the facts, and opened only to send a mail or to show it. */
export function sealFacts(name: string, facts: Facts, seal: (plain: string) => string): Facts {
  const secrets = secretsOf(name).filter((secret) => facts[secret] !== undefined)
  return Object.fromEntries(secrets.map((secret) => [secret, seal(facts[secret]!)]))
}
