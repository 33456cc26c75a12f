/** How a mail looks: the same parts as HTML and as plain text. */
import type { Locale } from './kinds.ts'

/** Makes text safe inside HTML, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Where the button may lead: an address of the web, else nowhere. */
function target(url: string | undefined): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined
}

export interface Action {
  readonly label: string
  readonly url: string
}

/** What both forms of a mail are made from. */
export interface Parts {
  readonly locale: Locale
  readonly title: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly action: Action | undefined
  readonly why: string
  readonly settings: Action | undefined
  /** In whose name: a project, or the host of the installation. */
  readonly sender: Sender
  /** To be typed in. */
  readonly code: string | undefined
}

export interface Sender {
  readonly name: string
  /** As #rrggbb. */
  readonly accent: string
  readonly home?: string | undefined
}

/** Plain text. */
export function textOf({ title, greeting, paragraphs, action, why, settings, sender, code }: Parts): string {
  const blocks = [title, greeting, code, ...paragraphs, action && `${action.label}:\n${action.url}`]
  const foot = ['--', why, settings && `${settings.label}: ${settings.url}`, sender.name, sender.home]
  return `${blocks.filter(Boolean).join('\n\n')}\n\n${foot.filter(Boolean).join('\n')}\n`
}

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/** White or dark letters, whichever is read better on the colour (WCAG 2, relative luminance). */
export function inkOn(accent: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(accent.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#1b2129' : '#ffffff'
}

function codeBlock(code: string): string {
  return `<p style="margin:0 0 16px;padding:14px;border-radius:8px;background:#f3f5f8;text-align:center;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;letter-spacing:4px;color:#1b2129">${escapeHtml(code)}</p>`
}

/** HTML: tables and styles in place, what mail programs of every age show alike. */
export function htmlOf(parts: Parts): string {
  const { locale, title, greeting, paragraphs, action, why, settings, sender, code } = parts
  const paragraph = (text: string) =>
    `<p style="margin:0 0 16px;font-size:16px;line-height:1.55;color:#333b45">${escapeHtml(text).replaceAll('\n', '<br>')}</p>`
  const href = target(action?.url)
  const button =
    action && href
      ? `<p style="margin:8px 0 24px"><a href="${escapeHtml(href)}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:${sender.accent};color:${inkOn(sender.accent)};font-size:16px;font-weight:600;text-decoration:none">${escapeHtml(action.label)}</a></p>
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
<tr><td style="padding:0 4px 16px;font-size:14px;font-weight:600;color:#66707c">${escapeHtml(sender.name)}</td></tr>
<tr><td bgcolor="#ffffff" style="padding:32px;border:1px solid #e1e6ec;border-radius:12px;background:#ffffff">
<h1 style="margin:0 0 20px;font-size:22px;line-height:1.3;color:#1b2129">${escapeHtml(title)}</h1>
${[greeting && paragraph(greeting), code && codeBlock(code), ...paragraphs.map(paragraph)].filter(Boolean).join('\n')}
${button}
</td></tr>
<tr><td style="padding:16px 4px;font-size:13px;line-height:1.5;color:#66707c">${escapeHtml(why)}${change}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`
}
