/**
 * Serves the built web app. The files are listed once at the start, and only listed names are served, so no path can
 * lead out of the folder. `index.html` answers every page address, with a nonce of its own for its <style> elements.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { contentSecurityPolicy } from './headers.ts'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

const encodings = [
  { name: 'br', extension: '.br' },
  { name: 'gzip', extension: '.gz' },
] as const

interface Asset {
  readonly path: string
  readonly type: string
  readonly etag: string
  readonly immutable: boolean
  /** Precompressed copies by content coding. */
  readonly encoded: ReadonlyMap<string, string>
}

const NO_APP = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pleiad</title>
<h1>Pleiad is running</h1>
<p>The web app has not been built yet. Run <code>npm run build</code>, then start again.</p>
<p>The API is at <a href="/docs">/docs</a>, the state of the system at <a href="/health">/health</a>.</p></html>`

export interface Site {
  /** Answers a GET or HEAD of `request`'s path; false when there is no such file or page. */
  readonly serve: (request: FastifyRequest, reply: FastifyReply) => boolean
  /** The web app's page, with a nonce of its own. */
  readonly page: () => { readonly headers: Readonly<Record<string, string>>; readonly body: string }
}

/** @param folder where the web app was built to; without one, page addresses answer with a hint. */
export function createSite(folder: string | undefined, publicUrl: string): Site {
  const assets = folder && existsSync(folder) ? list(folder) : new Map<string, Asset>()
  const index = assets.get('/index.html')
  const template = index ? readFileSync(index.path, 'utf8') : NO_APP
  const page = () => {
    const nonce = randomBytes(16).toString('base64')
    return {
      headers: {
        'content-security-policy': contentSecurityPolicy(publicUrl, nonce),
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
      },
      body: template.replaceAll('__NONCE__', nonce),
    }
  }
  return {
    page,
    serve: (request, reply) => {
      const path = decodeURIComponent(request.url.split('?')[0]!)
      const asset = assets.get(path)
      if (asset && path !== '/index.html') {
        sendAsset(asset, request, reply)
        return true
      }
      const wantsPage =
        (request.headers.accept ?? '*/*').includes('text/html') || path === '/' || path === '/index.html'
      // A missing script must not be answered with a page, nor an unknown operation.
      if (
        !wantsPage ||
        /^\/(api|assets|\.well-known)(\/|$)/.test(path) ||
        /^\/(health|metrics)(\/|$)/.test(path)
      )
        return false
      const { headers, body } = page()
      reply.headers(headers).send(body)
      return true
    },
  }
}

function list(folder: string): Map<string, Asset> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const known = new Set(files)
  return new Map(
    files
      .filter(
        (path) =>
          !encodings.some(
            ({ extension }) => path.endsWith(extension) && known.has(path.slice(0, -extension.length)),
          ),
      )
      .map((path) => {
        const { size, mtimeMs } = statSync(path)
        const url = `/${relative(folder, path).split(sep).join('/')}`
        return [
          url,
          {
            path,
            type: types[extname(path)] ?? 'application/octet-stream',
            etag: `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`,
            // Vite puts the hash of the content into names below assets/.
            immutable: url.startsWith('/assets/'),
            encoded: new Map(
              encodings.flatMap(({ name, extension }) =>
                known.has(path + extension) ? [[name, path + extension] as const] : [],
              ),
            ),
          },
        ]
      }),
  )
}

function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply): void {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const encoding = encodings.find(
    ({ name }) =>
      asset.encoded.has(name) && new RegExp(`\\b${name}\\b(?!;q=0(?:\\.0*)?(?:,|$))`).test(accepted),
  )
  const etag = encoding ? `${asset.etag.slice(0, -1)}-${encoding.name}"` : asset.etag
  reply
    .header('content-type', asset.type)
    .header('cache-control', asset.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=300')
    .header('etag', etag)
  if (asset.encoded.size > 0) reply.header('vary', 'accept-encoding')
  if (request.headers['if-none-match'] === etag) {
    reply.code(304).send()
    return
  }
  if (encoding) reply.header('content-encoding', encoding.name)
  const path = encoding ? asset.encoded.get(encoding.name)! : asset.path
  reply.header('content-length', statSync(path).size)
  reply.send(request.method === 'HEAD' ? undefined : createReadStream(path))
}
