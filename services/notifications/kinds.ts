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
  /** Page of the app it is about. */
  readonly page?: string
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
  digest: { inApp: 'never', email: 'always', onRequest: true, page: '/notifications' },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

export const kindNames = Object.keys(kinds) as KindName[]

/** The kind of this name; undefined for one that an older or newer version knew. */
export function kindOf(name: string): Kind | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name as KindName] : undefined
}

const MASK = '••••••'

/** The facts with everything that gives access hidden. */
export function maskFacts(name: string, facts: Facts): Facts {
  const secrets = kindOf(name)?.secrets ?? []
  return Object.fromEntries(
    Object.entries(facts).map(([fact, value]) => [
      fact,
      secrets.includes(fact) && value !== undefined ? MASK : value,
    ]),
  )
}

/** The facts without what gives access, as they are kept after a mail is sent. */
export function scrubFacts(name: string, facts: Facts): Facts {
  const secrets = kindOf(name)?.secrets ?? []
  return Object.fromEntries(Object.entries(facts).filter(([fact]) => !secrets.includes(fact)))
}

/** Whether the facts of this kind hold something that gives access. */
export function hasSecrets(name: string): boolean {
  return (kindOf(name)?.secrets ?? []).length > 0
}
