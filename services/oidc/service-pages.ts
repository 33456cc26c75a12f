/** The few pages that the issuer itself answers with: errors and signing out. Plain HTML: they work without scripts. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Issuer } from './issuers.ts'
import { adviceOf, type Language, wordsOf } from './pages.ts'

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const html = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign]!)

/** As the hosted pages of the web app look; the policy of the page allows it by its hash. */
const style = `:root{color-scheme:light dark;--ground:#f7f7fb;--card:#fff;--line:#e6e7f0;--text:#1b1d2b;--soft:#5d6178;--link:#4b44c2;--button:#1b1d2b;--on:#fff}
@media(prefers-color-scheme:dark){:root{--ground:#10111b;--card:#171824;--line:#2a2c3f;--text:#dcdeeb;--soft:#a3a7bd;--link:#a9a9fa;--button:#dcdeeb;--on:#171824}}
*{box-sizing:border-box}body{margin:0;min-height:100dvh;display:flex;flex-direction:column;align-items:center;padding:9vh 16px 32px;background:var(--ground);color:var(--text);font:16px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif}
header{display:flex;flex-direction:column;align-items:center;gap:12px;margin-bottom:20px;font-weight:640}header img{width:56px;height:56px;border-radius:14px;object-fit:contain}
main{width:100%;max-width:420px;padding:32px;border:1px solid var(--line);border-radius:14px;background:var(--card);text-align:center;overflow-wrap:anywhere}
h1{margin:0 0 8px;font-size:1.5rem;line-height:1.25;letter-spacing:-.015em}p{margin:0 0 16px;color:var(--soft);text-wrap:pretty}p:last-child{margin:0}code{font:13px/1.5 ui-monospace,monospace}
.buttons{display:flex;flex-direction:column;gap:10px;margin-top:20px}button{font:inherit;font-weight:600;padding:10px 18px;border:1px solid var(--line);border-radius:10px;background:none;color:inherit;cursor:pointer}button[value]{border-color:var(--button);background:var(--button);color:var(--on)}
a{color:var(--link)}:focus-visible{outline:2px solid var(--link);outline-offset:2px}footer{display:flex;flex-wrap:wrap;gap:4px 18px;justify-content:center;padding:16px;font-size:13px}`
const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

function languageOf(ctx: KoaContextWithOIDC): Language {
  return ctx.acceptsLanguages('en', 'ru') === 'ru' ? 'ru' : 'en'
}

/** A whole page; without an issuer where even that could not be found. */
function documentOf(issuer: Issuer | undefined, language: Language, title: string, body: string): string {
  const logo = issuer?.logoUrl ? `<img src="${html(issuer.logoUrl)}" alt="">` : ''
  const links = [
    issuer?.homeUrl && `<a href="${html(issuer.homeUrl)}" rel="noopener">${html(issuer.name)}</a>`,
    issuer?.supportEmail &&
      `<a href="mailto:${html(issuer.supportEmail)}">${html(wordsOf(language).help)}</a>`,
  ].filter(Boolean)
  const name = issuer ? html(issuer.name) : ''
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${html(title)}${name && ` · ${name}`}</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/favicon.svg"><style>${style}</style></head><body><header>${logo}<span>${name}</span></header><main><h1>${html(title)}</h1>${body}</main><footer>${links.join('')}</footer></body></html>`
}

function withStyle(policy: string): string {
  return policy.replace(/style-src [^;]*/, `style-src 'self' ${styleHash}`)
}

function page(ctx: KoaContextWithOIDC, issuer: Issuer, title: string, body: string): void {
  ctx.type = 'html'
  ctx.set('cache-control', 'no-store')
  ctx.vary('accept-language')
  const policy = ctx.response.get('content-security-policy')
  if (policy) ctx.set('content-security-policy', withStyle(policy))
  ctx.body = documentOf(issuer, languageOf(ctx), title, body)
}

/** Whether a request comes from a browser that shows what is answered; programs get JSON. */
export function wantsPage(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '').includes('text/html')
}

/** The page for a browser whose request nothing could be kept or read of, before or after oidc-provider had its say. */
export function sendErrorPage(
  request: IncomingMessage,
  response: ServerResponse,
  issuer: Issuer | undefined,
  { status, error, retryAfter }: { status: number; error: string; retryAfter?: number | undefined },
): void {
  // What the browser prefers, of the two there are.
  const language = /^\s*ru\b/i.test(request.headers['accept-language'] ?? '') ? 'ru' : 'en'
  const policy = response.getHeader('content-security-policy')
  if (typeof policy === 'string') response.setHeader('content-security-policy', withStyle(policy))
  const body = documentOf(
    issuer,
    language,
    wordsOf(language).failed,
    `<p>${html(adviceOf(error, language))}</p><p><code lang="en">${html(error)}</code></p>`,
  )
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'accept, accept-language',
      ...(retryAfter ? { 'retry-after': String(retryAfter) } : {}),
      'content-length': Buffer.byteLength(body),
    })
    .end(body)
}

/** What happened and what to do; never more than the error that a program would get. */
export function errorPage(
  ctx: KoaContextWithOIDC,
  issuer: Issuer,
  out: { error: string; error_description?: string },
): void {
  const language = languageOf(ctx)
  const details = [out.error, out.error_description].filter(Boolean).map((text) => html(String(text)))
  page(
    ctx,
    issuer,
    wordsOf(language).failed,
    `<p>${html(adviceOf(out.error, language))}</p><p><code lang="en">${details.join(': ')}</code></p>`,
  )
}

/**
 * Lets a form of this page lead to the app: browsers apply `form-action` to where a form is redirected as well. Only to
 * an address that is registered for the app.
 */
export function allowForm(ctx: KoaContextWithOIDC, address: string): void {
  const url = new URL(address)
  const target = url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : url.protocol
  const policy = ctx.response.get('content-security-policy')
  if (policy)
    ctx.set('content-security-policy', policy.replace(/form-action [^;]*/, `form-action 'self' ${target}`))
}

/** Asks before signing out, so that no other site can do it. */
export function logoutPage(ctx: KoaContextWithOIDC, issuer: Issuer, form: string): void {
  const words = wordsOf(languageOf(ctx))
  const buttons = `<div class="buttons"><button autofocus type="submit" form="op.logoutForm" name="logout" value="yes">${html(words.signOut)}</button><button type="submit" form="op.logoutForm">${html(words.stay)}</button></div>`
  const back = ctx.oidc.params?.['post_logout_redirect_uri']
  if (typeof back === 'string') allowForm(ctx, back)
  page(ctx, issuer, words.ask(issuer.name), `${form}${buttons}`)
}

export function signedOutPage(ctx: KoaContextWithOIDC, issuer: Issuer): void {
  const words = wordsOf(languageOf(ctx))
  const { defaultLogoutUri } = issuer.places
  const on = defaultLogoutUri
    ? `<p><a href="${html(defaultLogoutUri)}" rel="noopener">${html(words.goOn)}</a></p>`
    : ''
  page(ctx, issuer, words.signedOut, `<p>${html(words.close)}</p>${on}`)
}
