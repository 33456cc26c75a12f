/** Files in a folder. What is being written has a name of its own and is moved to its place when it is whole. */
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, opendir, rename, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import {
  type Bytes,
  checkKey,
  type FilesDriver,
  type Growing,
  inBlocks,
  type StoredObject,
  StoreError,
} from './store.ts'

/** Of an upload one is being written and one comes: large, because each costs a turn through the thread pool. */
const BLOCK = 4 * 1024 * 1024

/** Opens the store in `folder`, which is made when the first object comes. */
export function openDisk(folder: string): FilesDriver {
  const objects = path.join(folder, 'objects')
  const growing = path.join(folder, 'growing')

  // 256 folders, so that none holds everything. A key has no dots and no plus signs: its name is no other path.
  const nameOf = (key: string) => checkKey(key).replaceAll('/', '+')
  const placeOf = (key: string) =>
    path.join(objects, createHash('sha256').update(key).digest('hex').slice(0, 2), nameOf(key))
  const growingPlace = ({ key, ref }: Growing) => {
    if (!/^[0-9a-f-]{36}$/.test(ref)) throw new Error('this is not a growing object of the disk')
    return path.join(growing, `${nameOf(key)}.${ref}`)
  }

  async function moveIn(from: string, key: string): Promise<void> {
    const place = placeOf(key)
    await mkdir(path.dirname(place), { recursive: true })
    await rename(from, place)
    await syncFolder(path.dirname(place))
  }

  async function writeBlock(file: FileHandle, block: Buffer, position: number): Promise<void> {
    for (let done = 0; done < block.length; ) {
      const { bytesWritten } = await file.write(block, done, block.length - done, position + done)
      done += bytesWritten
    }
  }

  /** Writes from `position` on; resolves with the bytes written, which are on the disk then. */
  async function write(file: FileHandle, position: number, body: Bytes): Promise<number> {
    let at = position
    // One block is written while the next one comes.
    let writing = Promise.resolve()
    try {
      for await (const block of inBlocks(body, BLOCK)) {
        await writing
        writing = writeBlock(file, block, at)
        writing.catch(() => {})
        at += block.length
      }
    } finally {
      await writing
      await file.datasync()
    }
    return at - position
  }

  return {
    close: async () => {},
    store: {
      put: (key, body) =>
        explained(async () => {
          await mkdir(growing, { recursive: true })
          const temporary = growingPlace({ key, ref: randomUUID() })
          const file = await open(temporary, 'wx', 0o600)
          try {
            const size = await write(file, 0, body)
            await file.close()
            await moveIn(temporary, key)
            return { size }
          } catch (error) {
            await file.close().catch(() => {})
            await rm(temporary, { force: true })
            throw error
          }
        }),

      get: async (key, range) => {
        const file = await open(placeOf(key), 'r').catch(absent)
        return file?.createReadStream({ highWaterMark: 256 * 1024, ...range })
      },

      head: async (key) => {
        const found = await stat(placeOf(key)).catch(absent)
        return found && { key, size: found.size, modified: found.mtime }
      },

      delete: async (...keys) => {
        for (const key of keys) await rm(placeOf(key), { force: true })
      },

      list: async function* (prefix): AsyncIterable<StoredObject> {
        for await (const part of entries(objects))
          for await (const name of entries(path.join(objects, part))) {
            const key = name.replaceAll('+', '/')
            if (!key.startsWith(prefix)) continue
            const found = await stat(path.join(objects, part, name)).catch(absent)
            if (found) yield { key, size: found.size, modified: found.mtime }
          }
      },

      begin: (key) =>
        explained(async () => {
          const begun = { key: checkKey(key), ref: randomUUID() }
          await mkdir(growing, { recursive: true })
          await (await open(growingPlace(begun), 'wx', 0o600)).close()
          await syncFolder(growing)
          return begun
        }),

      lengthOf: async (begun) => (await stat(growingPlace(begun)).catch(absent))?.size,

      append: (begun, offset, body) =>
        explained(async () => {
          const file = await open(growingPlace(begun), 'r+').catch(absent)
          if (!file) throw new StoreError('missing', 'there is no such growing object')
          try {
            const { size } = await file.stat()
            if (size !== offset) throw new StoreError('offset', `its length is ${size}`)
            return offset + (await write(file, offset, body))
          } finally {
            await file.close()
          }
        }),

      seal: (begun) =>
        explained(async () => {
          try {
            await moveIn(growingPlace(begun), begun.key)
          } catch (error) {
            if (!isAbsent(error)) throw error
            if (!(await stat(placeOf(begun.key)).catch(absent)))
              throw new StoreError('missing', 'there is no such growing object')
          }
        }),

      discard: (begun) => rm(growingPlace(begun), { force: true }),

      listGrowing: async function* (prefix) {
        for await (const name of entries(growing)) {
          const [key, ref] = name.replaceAll('+', '/').split('.')
          if (!key?.startsWith(prefix) || !ref) continue
          const found = await stat(path.join(growing, name)).catch(absent)
          if (found) yield { key, ref, modified: found.mtime }
        }
      },

      space: async () => {
        await mkdir(folder, { recursive: true })
        const { bavail, bsize } = await statfs(folder)
        return bavail * bsize
      },
    },
  }
}

function isAbsent(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ENOENT'
}

function absent(error: unknown): undefined {
  if (!isAbsent(error)) throw error
}

async function* entries(folder: string): AsyncIterable<string> {
  const all = await opendir(folder).catch(absent)
  if (all) for await (const { name } of all) yield name
}

/** A renamed file is in its new place after a power cut only when the folder is on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown }
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new StoreError('full', 'The disk that holds the files is full.', { cause: error })
    throw error
  }
}
