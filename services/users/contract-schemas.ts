/** What a person looks like to others, to themselves and to administrators. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const Locale = Type.Enum(['en', 'ru'], { description: 'Language the person reads' })

export const Username = Type.String({
  minLength: 3,
  maxLength: 30,
  description: 'Name in addresses and mentions: one script (Latin or Cyrillic), digits, single . _ - inside',
})
export const DisplayName = Type.String({ minLength: 1, maxLength: 80, description: 'Name shown to people' })
export const Bio = Type.String({ maxLength: 500, description: 'A few words about oneself' })
export const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'IANA time zone, such as Europe/Berlin',
})
const Link = Type.Object(
  {
    label: Type.String({ minLength: 1, maxLength: 40, description: 'What the link is called' }),
    url: Type.String({ maxLength: 300, pattern: '^https?://', description: 'Address, http or https' }),
  },
  { additionalProperties: false },
)
export const Links = Type.Array(Link, { maxItems: 5, description: 'Links the person shows' })
export const State = Type.Enum(['active', 'deactivated'], {
  description: 'Whether the person may use the system',
})
export const Version = Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' })

const publicFields = {
  userId: Uuid,
  username: Username,
  displayName: DisplayName,
  bio: Bio,
  links: Links,
  createdAt: Timestamp,
}
const ownFields = {
  ...publicFields,
  locale: Locale,
  timeZone: TimeZone,
  state: State,
  version: Version,
  updatedAt: Timestamp,
  usernameChangeableAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When the username may be changed again; absent: now' }),
  ),
}

/** What everybody signed in may see of a person. */
export const PublicProfile = Type.Object(publicFields)
export type PublicProfile = Static<typeof PublicProfile>
/** What a person sees of themselves. */
export const OwnProfile = Type.Object(ownFields)
export type OwnProfile = Static<typeof OwnProfile>
/** What an administrator sees in the listing. */
export const ListedProfile = Type.Object({
  ...ownFields,
  email: Type.Optional(Type.String({ description: 'Sign-in address, as auth last announced it' })),
})
export type ListedProfile = Static<typeof ListedProfile>
