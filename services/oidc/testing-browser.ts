/** A browser in software: keeps cookies by path, follows redirects within the installation, calls the sign-in page. */
import { createClient } from '@pleiad/platform/client'
import { oidc } from './contract.ts'

export interface Landed {
  readonly status: number
  /** Where it stands: an address of the installation, or the first one outside of it. */
  readonly url: string
  readonly text: string
}

export interface Browser {
  readonly go: (url: string, init?: { method?: string; body?: URLSearchParams }) => Promise<Landed>
  /** The typed client of the contract, with this browser's cookies. */
  readonly page: ReturnType<typeof createClient<typeof oidc>>
  /** Sends JSON to any process, as the page would. */
  readonly post: (url: string, body: unknown) => Promise<Response>
  readonly cookies: () => readonly Cookie[]
}

export interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly attributes: string
}

export function openBrowser(base: string): Browser {
  let jar: Cookie[] = []

  const keep = (response: Response): void => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/;\s*/)
      const at = pair.indexOf('=')
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/'
      const cookie = {
        name: pair.slice(0, at),
        value: pair.slice(at + 1),
        path,
        attributes: attributes.join('; '),
      }
      jar = jar.filter((known) => known.name !== cookie.name || known.path !== path)
      if (cookie.value !== '' && !/expires=Thu, 01 Jan 1970/i.test(line)) jar.push(cookie)
    }
  }
  const cookiesFor = (path: string): string =>
    jar
      .filter((cookie) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')

  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as Record<string, string>), cookie: cookiesFor(new URL(url).pathname) },
    })
    keep(response)
    return response
  }

  return {
    go: async (start, init = {}) => {
      let url = start
      let request: RequestInit = {
        method: init.method ?? 'GET',
        headers: { accept: 'text/html' },
        ...(init.body ? { body: init.body } : {}),
      }
      for (let hops = 0; hops < 20; hops++) {
        const response = await send(url, request)
        const location = response.headers.get('location')
        if (!location || response.status < 300 || response.status > 399)
          return { status: response.status, url, text: await response.text() }
        url = new URL(location, url).href
        if (!url.startsWith(`${base}/`)) return { status: response.status, url, text: '' }
        request = { method: 'GET', headers: { accept: 'text/html' } }
      }
      throw new Error('Too many redirects')
    },
    page: createClient(oidc, {
      baseUrl: base,
      fetch: (url, init) =>
        send(String(url), {
          ...(init as RequestInit),
          headers: { ...(init.headers as object), 'x-pleiad-csrf': '1' },
        }),
    }),
    post: (url, body) =>
      send(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-pleiad-csrf': '1' },
        body: JSON.stringify(body),
      }),
    cookies: () => jar,
  }
}

/** The handle and uid of the sign-in page that a browser stands on. */
export function signInPage(landed: Landed): { handle: string; uid: string } {
  const [, handle, uid] = /\/oidc\/([^/]+)\/sign-in\/([^/?]+)/.exec(landed.url) ?? []
  if (!handle || !uid) throw new Error(`Not a sign-in page: ${landed.url}`)
  return { handle, uid }
}
