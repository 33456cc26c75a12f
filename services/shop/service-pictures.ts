/** Pictures of ready-made items: files that the shop keeps and shows to everybody. */
import { Code, ConnectError } from '@connectrpc/connect'
import { Files } from '@pleiad/files/rpc'
import type { Mount, Tools } from '@pleiad/platform/service'
import { isPicture } from './store-catalogue.ts'

const LINK_SECONDS = 3600
const CACHED_SECONDS = 900
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'])

/** What is wrong with the pictures that are new to an item, by field. `callerId` may use their own files. */
export async function checkPictures(
  tools: Tools,
  callerId: string,
  pictures: readonly string[],
  known: readonly string[],
): Promise<{ path: string; message: string }[]> {
  const fresh = pictures.filter((id) => !known.includes(id))
  if (fresh.length === 0) return []
  const { files } = await tools.rpc(Files).getFiles({ fileIds: fresh })
  return pictures.flatMap((id, index) => {
    if (!fresh.includes(id)) return []
    const file = files.find(({ fileId }) => fileId === id)
    if (file?.ownerId !== callerId)
      return [{ path: `/body/pictures/${index}`, message: 'is no file of yours' }]
    return SHOWN.has(file.type) ? [] : [{ path: `/body/pictures/${index}`, message: 'is no picture' }]
  })
}

/** Keeps an item's pictures and lets go those it had before. Said again it is the same. */
export async function keepPictures(
  tools: Tools,
  itemId: string,
  pictures: readonly string[],
  before: readonly string[],
): Promise<void> {
  const files = tools.rpc(Files)
  const keeper = `shop:item:${itemId}`
  for (const fileId of pictures) if (!before.includes(fileId)) await files.keep({ fileId, keeper })
  for (const fileId of before) if (!pictures.includes(fileId)) await files.release({ fileId, keeper })
}

/** `GET /shop/pictures/<file>`: leads to the picture, if an item shows it. */
export function createPictureMount(tools: Tools): Mount {
  return async (request, response) => {
    const id = /^\/shop\/pictures\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
      request.url?.split('?', 1)[0] ?? '',
    )?.[1]
    const nothing = () =>
      response
        .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        .end('There is no such picture.')
    if (id === undefined || !(await isPicture(tools.sql, id))) {
      nothing()
      return
    }
    try {
      const { url } = await tools.rpc(Files).createLink({ fileId: id, seconds: LINK_SECONDS, inline: true })
      response.writeHead(302, { location: url, 'cache-control': `public, max-age=${CACHED_SECONDS}` }).end()
    } catch (error) {
      if (!(error instanceof ConnectError) || error.code !== Code.NotFound) throw error
      nothing()
    }
  }
}
