/** Usernames: which are allowed, which look the same to an eye, when they may change. */

export type UsernameTrouble = 'length' | 'characters' | 'mixedScripts' | 'separators' | 'reserved'

export type UsernameCheck =
  | { readonly username: string; readonly skeleton: string; readonly trouble?: undefined }
  | { readonly username: string; readonly trouble: UsernameTrouble }

const MIN_LENGTH = 3
const MAX_LENGTH = 30

/** Names that would pass for the installation itself, for a page of it or for everybody. */
const reserved = (
  'about abuse account accounts admin administrator administration anonymous api app assets auth billing blog bot ' +
  'contact deleted docs everyone everybody export faq files guest health help here home host hostmaster info ' +
  'internal legal login logout mail mailer-daemon me media metrics moderator mod news nobody noreply no-reply null ' +
  'official operator operations owner password pleiad postmaster privacy profile public realtime register root ' +
  'search security service services settings setup signin signup sign-in sign-up staff static status support sys ' +
  'sysadmin system team terms test undefined unknown user username users verify webmaster well-known www ' +
  'админ администратор администрация аноним бот все гость модератор никто поддержка помощь система служба ' +
  'безопасность владелец оператор'
).split(' ')

/**
 * Letters that look like others, mapped to one of them. From Unicode's confusables
 * (https://www.unicode.org/reports/tr39/, section 4), as far as the letters we allow reach.
 */
const lookalikes: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  ь: 'b',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  ё: 'e',
  ґ: 'r',
  г: 'r',
  һ: 'h',
  н: 'h',
  і: 'i',
  ї: 'i',
  й: 'n',
  и: 'n',
  ј: 'j',
  к: 'k',
  м: 'rn',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  ѕ: 's',
  т: 't',
  у: 'y',
  ү: 'y',
  ѵ: 'v',
  ԝ: 'w',
  х: 'x',
  з: '3',
  б: '6',
  m: 'rn',
  w: 'vv',
  '0': 'o',
  '1': 'l',
  '.': '-',
  _: '-',
}

/** The form in which names are stored and compared: compatibility forms folded, lower case. */
export function normalizeUsername(input: string): string {
  return input.normalize('NFKC').trim().toLowerCase().normalize('NFC')
}

/**
 * What a name looks like: two names with one skeleton cannot be told apart at a glance and so cannot both exist.
 * `раура1` in Cyrillic and `paypal` in Latin have the same.
 */
export function skeletonOf(username: string): string {
  return [...username].map((letter) => lookalikes[letter] ?? letter).join('')
}

const reservedSkeletons = new Set(reserved.map(skeletonOf))

/** Normalises a name and says which rule it breaks, if any. */
export function checkUsername(input: string): UsernameCheck {
  const username = normalizeUsername(input)
  const length = [...username].length
  if (length < MIN_LENGTH || length > MAX_LENGTH) return { username, trouble: 'length' }
  if (!/^[a-zа-яёіїґєў0-9._-]+$/.test(username)) return { username, trouble: 'characters' }
  const latin = /[a-z]/.test(username)
  const cyrillic = /[а-яёіїґєў]/.test(username)
  if (latin && cyrillic) return { username, trouble: 'mixedScripts' }
  if (!latin && !cyrillic) return { username, trouble: 'characters' }
  if (/^[._-]|[._-]$|[._-]{2}/.test(username)) return { username, trouble: 'separators' }
  const skeleton = skeletonOf(username)
  if (reservedSkeletons.has(skeleton)) return { username, trouble: 'reserved' }
  return { username, skeleton }
}

/** `anna`, `anna2`, `anna3`...: the name for the nth try when it was taken meanwhile; never over the length. */
export function numbered(username: string, attempt: number): string {
  if (attempt <= 1) return username
  const suffix = String(attempt)
  return (
    [...username]
      .slice(0, MAX_LENGTH - suffix.length)
      .join('')
      .replace(/[._-]+$/, '') + suffix
  )
}

/** When a name changed at `changedAt` may change again; undefined when it may now. */
export function changeableAt(changedAt: Date | undefined, waitDays: number, now: Date): Date | undefined {
  if (!changedAt) return undefined
  const at = new Date(changedAt.getTime() + waitDays * 86_400_000)
  return at > now ? at : undefined
}
