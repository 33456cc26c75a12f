/** Download links: whole or in ranges, with what browsers need to save it under its name and never to run it. */
import { pipeline } from 'node:stream/promises'
import { Refusal } from '@pleiad/platform/problem'
import type { Mount, Tools } from '@pleiad/platform/service'
import { linkToken, readLink } from './links.ts'
import { dispositionOf } from './names.ts'
import { namesTag, readRange } from './ranges.ts'
import type { Own } from './service-own.ts'
import { explain } from './service-refusals.ts'
import { findFile } from './store-files.ts'
import { mayBeShown } from './types.ts'

export const DOWNLOADS = '/files/download/'

/** A link that works for `seconds`. The name in it is for people and programs that look at addresses. */
export function linkTo(
  tools: Pick<Tools, 'publicUrl' | 'now'>,
  own: Own,
  file: { readonly id: string; readonly name: string },
  seconds: number,
  inline: boolean,
): { url: string; expiresAt: string } {
  const expires = new Date(Math.floor(tools.now().getTime() / 1000 + seconds) * 1000)
  const token = linkToken(own.linkKey, { fileId: file.id, expires, inline })
  return {
    url: `${tools.publicUrl}${DOWNLOADS}${token}/${encodeURIComponent(file.name)}`,
    expiresAt: expires.toISOString(),
  }
}

export function createDownloadMount(tools: Tools, own: Own): Mount {
  const { sql, files, now } = tools
  return async (request, response) => {
    response.setHeader('cache-control', 'private, no-store')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new Refusal('methodNotAllowed', undefined, {}, { allow: 'GET, HEAD' })
    const [token] = request.url!.slice(DOWNLOADS.length).split(/[/?]/)
    const link = readLink(own.linkKey, token ?? '')
    if (!link) throw new Refusal('downloadLinkInvalid')
    if (link.expires <= now()) throw new Refusal('downloadLinkExpired')
    const file = await findFile(sql, link.fileId)
    if (file?.state !== 'ready') throw new Refusal('notFound', 'The file is deleted.')

    const etag = `"${file.sha256!.toString('hex')}"`
    const headers = request.headers
    response.setHeader('etag', etag)
    response.setHeader('last-modified', file.ready_at!.toUTCString())
    // The bytes never change, but the link ends: a copy may be kept for as long as it is asked after.
    response.setHeader('cache-control', 'private, no-cache')
    if (namesTag(headers['if-none-match'], etag)) return void response.writeHead(304).end()
    const ifRange = headers['if-range']
    const range = ifRange === undefined || ifRange === etag ? readRange(headers.range, file.size) : undefined
    if (range === 'unsatisfiable')
      throw new Refusal('rangeNotSatisfiable', undefined, {}, { 'content-range': `bytes */${file.size}` })

    const inline = link.inline && mayBeShown(file.type!)
    const length = range ? range.end - range.start + 1 : file.size
    const stream =
      request.method === 'HEAD'
        ? undefined
        : await files.get(file.id, range).catch((error) => Promise.reject(explain(error)))
    if (request.method === 'GET' && !stream) {
      tools.log.error({ fileId: file.id }, 'the object store has lost a file')
      throw new Refusal('fileLost')
    }
    response.writeHead(range ? 206 : 200, {
      'content-type': file.type!,
      'content-length': length,
      'content-disposition': dispositionOf(file.name, inline),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${file.size}` } : {}),
    })
    if (!stream) return void response.end()
    tools.count('bytes_sent', {}, length)
    // Who hangs up is no trouble; a store that breaks off is seen as a short answer.
    await pipeline(stream, response).catch((error: unknown) => {
      tools.log.debug({ err: error, fileId: file.id }, 'a download broke off')
    })
  }
}
