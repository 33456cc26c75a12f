/** Mails: how one is rendered, when it is tried again. */
import { type Facts, hasSecrets, kindOf, type Locale, maskFacts, scrubFacts } from './kinds.ts'
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

const footers: Readonly<Record<Locale, { required: string; chosen: string; settings: string }>> = {
  en: {
    required: 'You get this mail because it concerns your account.',
    chosen: 'You get this mail because of your notification settings.',
    settings: 'Change what you get',
  },
  ru: {
    required: 'Это письмо пришло, потому что касается вашего аккаунта.',
    chosen: 'Это письмо пришло согласно вашим настройкам уведомлений.',
    settings: 'Изменить настройки',
  },
}

/** Makes text safe inside HTML, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Where the button may lead: an address of the web, else nowhere. */
function target(url: string | undefined): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined
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

/** Renders a mail in its language: subject, HTML and plain text that say the same. */
export function renderMail(mail: MailContent, publicUrl: string): Rendered {
  const wording = wordingOf(mail.kind, mail.locale)
  const facts = readableFacts(mail.facts, mail.locale, mail.timeZone)
  const page = kindOf(mail.kind)?.page
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
    why: settings ? footer.chosen : footer.required,
    settings: settings ? { label: footer.settings, url: settings } : undefined,
    host: URL.parse(publicUrl)?.host ?? publicUrl,
  }
  return { subject: title, html: htmlOf(parts), text: textOf(parts) }
}

interface Action {
  readonly label: string
  readonly url: string
}

interface Parts {
  readonly locale: Locale
  readonly title: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly action: Action | undefined
  readonly why: string
  readonly settings: Action | undefined
  readonly host: string
}

function textOf({ title, greeting, paragraphs, action, why, settings, host }: Parts): string {
  const blocks = [title, greeting, ...paragraphs, action && `${action.label}:\n${action.url}`]
  const foot = ['--', why, settings && `${settings.label}: ${settings.url}`, host]
  return `${blocks.filter(Boolean).join('\n\n')}\n\n${foot.filter(Boolean).join('\n')}\n`
}

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/** Tables and styles in place: what mail programs of every age show alike. */
function htmlOf({ locale, title, greeting, paragraphs, action, why, settings, host }: Parts): string {
  const paragraph = (text: string) =>
    `<p style="margin:0 0 16px;font-size:16px;line-height:1.55;color:#333b45">${escapeHtml(text).replaceAll('\n', '<br>')}</p>`
  const href = target(action?.url)
  const button =
    action && href
      ? `<p style="margin:8px 0 24px"><a href="${escapeHtml(href)}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:#2f5bd0;color:#ffffff;font-size:16px;font-weight:600;text-decoration:none">${escapeHtml(action.label)}</a></p>
<p style="margin:0 0 16px;font-size:13px;line-height:1.5;color:#66707c;word-break:break-all">${escapeHtml(action.url)}</p>`
      : action
        ? paragraph(`${action.label}: ${action.url}`)
        : ''
  const change = settings
    ? ` <a href="${escapeHtml(settings.url)}" style="color:#66707c">${escapeHtml(settings.label)}</a>`
    : ''
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${escapeHtml(title)}</title>
</head>
<body style="margin:0;padding:0;background:#f3f5f8;${font}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" bgcolor="#f3f5f8"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="560" cellpadding="0" cellspacing="0" style="width:100%;max-width:560px">
<tr><td style="padding:0 4px 16px;font-size:14px;font-weight:600;color:#66707c">${escapeHtml(host)}</td></tr>
<tr><td bgcolor="#ffffff" style="padding:32px;border:1px solid #e1e6ec;border-radius:12px;background:#ffffff">
<h1 style="margin:0 0 20px;font-size:22px;line-height:1.3;color:#1b2129">${escapeHtml(title)}</h1>
${[greeting, ...paragraphs].filter(Boolean).map(paragraph).join('\n')}
${button}
</td></tr>
<tr><td style="padding:16px 4px;font-size:13px;line-height:1.5;color:#66707c">${escapeHtml(why)}${change}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`
}

/** As an administrator may see it: with what gives access hidden while a mail server delivers the mails. */
export function viewMail(
  mail: Mail,
  publicUrl: string,
  smtp: boolean,
): Rendered & { readonly masked: boolean } {
  const masked = hasSecrets(mail.kind) && (smtp || mail.scrubbed)
  const facts = masked ? maskFacts(mail.kind, { url: '', ...mail.facts }) : mail.facts
  return { ...renderMail({ ...mail, facts }, publicUrl), masked }
}

/** What is kept of the facts once a mail is sent. */
export function afterSending(mail: Pick<Mail, 'kind' | 'facts'>): { facts: Facts; scrubbed: boolean } {
  return { facts: scrubFacts(mail.kind, mail.facts), scrubbed: hasSecrets(mail.kind) }
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
