/** Mails: how one is rendered, when it is tried again. */
import { type Facts, kindOf, type Locale, maskFacts, pageOf, scrubFacts, secretsOf } from './kinds.ts'
import { htmlOf, type Parts, type Sender, textOf } from './layout.ts'
import { readableFacts, wordingOf } from './texts.ts'

export type MailState = 'queued' | 'sending' | 'sent' | 'kept' | 'failed'

/** A mail as it is stored: rendered anew whenever it is needed. */
export interface Mail {
  readonly mailId: string
  readonly userId: string | null
  readonly to: string
  readonly kind: string
  readonly locale: Locale
  readonly name: string
  readonly timeZone: string
  readonly facts: Facts
  /** What gives access, encrypted, by the name of the fact. */
  readonly sealed: Facts
  readonly scrubbed: boolean
  readonly subject: string
  readonly state: MailState
  readonly attempts: number
  readonly error: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

export interface Rendered {
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** What a mail is made from. */
export type MailContent = Pick<Mail, 'kind' | 'locale' | 'name' | 'timeZone' | 'facts'>

const ACCENT = '#2f5bd0'

type Footer = Record<'required' | 'chosen' | 'invited' | 'settings', string> & {
  readonly branded: (project: string) => string
}

const footers: Readonly<Record<Locale, Footer>> = {
  en: {
    required: 'You get this mail because it concerns your account.',
    chosen: 'You get this mail because of your notification settings.',
    invited: 'You get this mail because somebody invited this address.',
    branded: (project) => `You get this mail because this address was given at ${project}.`,
    settings: 'Change what you get',
  },
  ru: {
    required: 'Это письмо пришло, потому что касается вашего аккаунта.',
    chosen: 'Это письмо пришло согласно вашим настройкам уведомлений.',
    invited: 'Это письмо пришло, потому что кто-то пригласил этот адрес.',
    branded: (project) => `Это письмо пришло, потому что этот адрес указали в «${project}».`,
    settings: 'Изменить настройки',
  },
}

/** One line, whatever the facts hold: a line break in a subject would begin another header. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}

/** The page where one chooses what one gets; undefined for mails that cannot be switched off. */
export function settingsUrl(kind: string, publicUrl: string): string | undefined {
  const known = kindOf(kind)
  return known && (known.email === 'on' || known.email === 'off' || kind === 'digest')
    ? `${publicUrl}/settings`
    : undefined
}

/** In whose name a mail is sent: a project to its end users, otherwise the installation. */
export function senderOf({ kind, facts }: Pick<Mail, 'kind' | 'facts'>, publicUrl: string): Sender {
  const { project, accent, homeUrl } = facts
  if (!kindOf(kind)?.branded || !project)
    return { name: URL.parse(publicUrl)?.host ?? publicUrl, accent: ACCENT }
  const colour = accent && /^#[0-9a-f]{6}$/i.test(accent) ? accent : ACCENT
  return { name: oneLine(project), accent: colour, ...(homeUrl ? { home: homeUrl } : {}) }
}

/** Renders a mail in its language: subject, HTML and plain text that say the same. */
export function renderMail(mail: MailContent, publicUrl: string): Rendered {
  const wording = wordingOf(mail.kind, mail.locale)
  const kind = kindOf(mail.kind)
  const facts = readableFacts(mail.facts, mail.locale, mail.timeZone)
  const page = pageOf(mail.kind, mail.facts)
  const url = mail.facts['url'] ?? (page && `${publicUrl}${page}`)
  const title = oneLine(wording.title(facts))
  const paragraphs = wording.body(facts).filter(Boolean)
  const settings = settingsUrl(mail.kind, publicUrl)
  const footer = footers[mail.locale]
  const parts: Parts = {
    locale: mail.locale,
    title,
    greeting: mail.name && `${mail.locale === 'ru' ? 'Здравствуйте' : 'Hello'}, ${oneLine(mail.name)}.`,
    paragraphs,
    action: wording.action && url ? { label: wording.action, url } : undefined,
    why: kind?.branded
      ? footer.branded(oneLine(facts['project'] ?? ''))
      : footer[settings ? 'chosen' : mail.kind === 'project-invitation' ? 'invited' : 'required'],
    settings: settings ? { label: footer.settings, url: settings } : undefined,
    sender: senderOf(mail, publicUrl),
    code: facts['code'],
  }
  return { subject: title, html: htmlOf(parts), text: textOf(parts) }
}

/** The mail with what gives access in clear, to be sent or shown. `open` decrypts. */
export function openMail(mail: Mail, open: (sealed: string) => string): Mail {
  const opened = Object.entries(mail.sealed).map(([fact, sealed]) => [fact, open(sealed!)])
  return { ...mail, facts: { ...mail.facts, ...Object.fromEntries(opened) } }
}

/** As an administrator may see it: with what gives access hidden while a mail server delivers the mails. */
export function viewMail(
  mail: Mail,
  publicUrl: string,
  smtp: boolean,
  open: (sealed: string) => string,
): Rendered & { readonly masked: boolean } {
  const masked = secretsOf(mail.kind).length > 0 && (smtp || mail.scrubbed)
  const shown = masked ? { ...mail, facts: maskFacts(mail.kind, mail.facts) } : openMail(mail, open)
  return { ...renderMail(shown, publicUrl), masked }
}

/** What is kept of the facts once a mail is sent. */
export function afterSending(mail: Pick<Mail, 'kind' | 'facts'>): { facts: Facts; scrubbed: boolean } {
  return { facts: scrubFacts(mail.kind, mail.facts), scrubbed: secretsOf(mail.kind).length > 0 }
}

/** Whether an administrator can have the mail sent (again): not while it is under way, nor without the link or code it is about. */
export function isResendable(
  mail: Pick<Mail, 'kind' | 'state' | 'scrubbed' | 'facts'>,
  smtp: boolean,
  now: Date,
): boolean {
  const resting = mail.state !== 'queued' && mail.state !== 'sending'
  return smtp && resting && !mail.scrubbed && !hasExpired(mail, now)
}

/** Whether the link or code in the mail has ended: sending it would only confuse. */
export function hasExpired({ kind, facts }: Pick<Mail, 'kind' | 'facts'>, now: Date): boolean {
  const { expiresAt } = facts
  return secretsOf(kind).length > 0 && expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime()
}

const MAX_ATTEMPTS = 10
const FIRST_WAIT_MS = 15_000
const LONGEST_WAIT_MS = 60 * 60_000

/**
 * When a mail whose `attempts`-th attempt failed is tried again; undefined: not any more. `response` is the SMTP code, if
 * the server gave one: 5xx says that trying again is of no use (RFC 5321, section 4.2.1). `random` is in [0, 1).
 */
export function nextAttempt(
  attempts: number,
  response: number | undefined,
  now: Date,
  random: number,
): Date | undefined {
  if (attempts >= MAX_ATTEMPTS || (response !== undefined && response >= 500 && response < 600))
    return undefined
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** (attempts - 1))
  return new Date(now.getTime() + wait * (0.75 + random / 2))
}
