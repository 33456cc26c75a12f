/** The internal RPC of `files.proto`. */
import { createHash } from 'node:crypto'
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import { faultPoint } from '@pleiad/platform/fault'
import { StoreError } from '@pleiad/platform/files'
import type { Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { filesErrors } from './contract-errors.ts'
import { Files, type NewFile, type PutRequest } from './files_pb.ts'
import { checkName } from './names.ts'
import { addressOf, beginUpload } from './service-begin.ts'
import { linkTo } from './service-download.ts'
import { announce, typeOf } from './service-finish.ts'
import type { Own } from './service-own.ts'
import { remove } from './service-remove.ts'
import * as store from './store-files.ts'
import { isErased } from './store-lifecycle.ts'
import type { FileRow } from './views.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const PURPOSE = /^[a-z][a-z0-9-]{0,39}$/
const SUBJECT = /^(user:[0-9a-f-]{36}|permission:[a-z][a-z0-9:-]{1,80})$/
const KEEPER = /^[a-z][a-z0-9-]*:[\x21-\x7e]{1,150}$/

const invalid = (what: string) => new ConnectError(what, Code.InvalidArgument)
const unknown = () => new ConnectError('there is no such file', Code.NotFound)

function checked(text: string, form: RegExp, field: string): string {
  if (form.test(text)) return text
  throw invalid(`${field} is not right`)
}
const inWords = (error: unknown) =>
  error instanceof StoreError && error.reason === 'full'
    ? new ConnectError(error.message, Code.ResourceExhausted, undefined, undefined, error)
    : error
const dateOf = (seconds: bigint) => (seconds > 0n ? new Date(Number(seconds) * 1000) : undefined)

function messageOf(row: FileRow, keepers: readonly string[] = []) {
  return {
    fileId: row.id,
    ownerId: row.owner_id,
    purpose: row.purpose,
    name: row.name,
    size: BigInt(row.size),
    type: row.type!,
    declaredType: row.declared_type,
    sha256: row.sha256!.toString('hex'),
    keepers: [...keepers],
    deleteAfter: row.delete_after ? BigInt(Math.floor(row.delete_after.getTime() / 1000)) : 0n,
  }
}

export function addRpc(router: ConnectRouter, tools: Tools, own: Own): void {
  const { sql, transact, now, files } = tools

  async function ready(fileId: string): Promise<FileRow> {
    const row = await store.findFile(sql, checked(fileId, UUID, 'file_id'))
    if (row?.state !== 'ready') throw unknown()
    return row
  }

  /** Runs `work` on a file that cannot go meanwhile. */
  async function change(fileId: string, work: (tx: Tx, row: FileRow) => Promise<unknown>): Promise<object> {
    checked(fileId, UUID, 'file_id')
    await transact(async (tx) => {
      const row = await store.lockFile(tx, fileId)
      if (!row) throw unknown()
      await work(tx, row)
    })
    return {}
  }

  async function put(requests: AsyncIterable<PutRequest>): Promise<FileRow> {
    const parts = requests[Symbol.asyncIterator]()
    const first = (await parts.next()).value as PutRequest | undefined
    if (first?.part.case !== 'file') throw invalid('the first message must say what file it is')
    const about: NewFile = first.part.value
    const named = checkName(about.name)
    if (named.trouble !== undefined) throw invalid(`name: ${named.trouble}`)
    const id = tools.newId()
    const hash = createHash('sha256')
    let size = 0
    async function* body() {
      for (let next = await parts.next(); !next.done; next = await parts.next()) {
        const { part } = next.value as PutRequest
        if (part.case !== 'bytes') throw invalid('only bytes follow')
        hash.update(part.value)
        size += part.value.length
        if (size > own.largest) throw new ConnectError('the file is too large', Code.ResourceExhausted)
        yield part.value
      }
    }
    const file = {
      id,
      ownerId: checked(about.ownerId, UUID, 'owner_id'),
      purpose: checked(about.purpose, PURPOSE, 'purpose'),
      name: named.name,
      declaredType: about.type || 'application/octet-stream',
      deleteAfter: dateOf(about.deleteAfter),
    }
    await files.put(id, body())
    faultPoint('files.put')
    try {
      if (size === 0) throw invalid('the file is empty')
      const content = { sha256: hash.digest(), type: await typeOf(files, id, size) }
      return await transact(async (tx) => {
        if (!(await store.reserve(tx, file.ownerId, size, own.quota)))
          throw new ConnectError('the owner has no room for it', Code.ResourceExhausted)
        if (await isErased(tx, file.ownerId)) throw new ConnectError('the owner is erased', Code.NotFound)
        await store.insertReady(tx, { ...file, size }, content, now())
        const row = (await store.findFile(tx, id))!
        announce(tx, row)
        return row
      })
    } catch (error) {
      await files.delete(id).catch(() => {})
      throw error
    }
  }

  router.service(Files, {
    getFiles: async ({ fileIds }) => {
      if (fileIds.length > 100) throw invalid('file_ids: at most a hundred')
      for (const id of fileIds) checked(id, UUID, 'file_ids')
      const rows = await store.findReady(sql, fileIds)
      const keepers = await store.listKeepersOf(sql, fileIds)
      return { files: rows.map((row) => messageOf(row, keepers.get(row.id))) }
    },

    open: async function* ({ fileId, start, length }) {
      const row = await ready(fileId)
      const from = Number(start)
      if (from < 0 || from >= row.size || length < 0n)
        throw new ConnectError('no such range', Code.OutOfRange)
      const end = length > 0n ? Math.min(from + Number(length), row.size) - 1 : row.size - 1
      const stream = await files.get(row.id, { start: from, end })
      if (!stream) throw new ConnectError('the object store has lost the file', Code.DataLoss)
      for await (const bytes of stream) yield { bytes: bytes as Uint8Array<ArrayBuffer> }
    },

    beginUpload: async ({ file, size }) => {
      if (!file) throw invalid('file is missing')
      const begun = await beginUpload(tools, own, checked(file.ownerId, UUID, 'owner_id'), {
        name: file.name,
        size: Number(size),
        type: file.type || undefined,
        purpose: checked(file.purpose, PURPOSE, 'purpose'),
        deleteAfter: dateOf(file.deleteAfter),
      }).catch((error) => Promise.reject(inWords(error)))
      if ('trouble' in begun) {
        const { title } = filesErrors[begun.trouble as keyof typeof filesErrors] ?? {
          title: 'The owner is erased.',
        }
        const full = ['fileQuotaExceeded', 'tooManyUploads', 'storageFull'].includes(begun.trouble)
        throw new ConnectError(title, full ? Code.ResourceExhausted : Code.InvalidArgument)
      }
      return { fileId: begun.row.id, uploadUrl: addressOf(tools, own, begun.row) }
    },

    put: async (requests) => {
      try {
        return { file: messageOf(await put(requests)) }
      } catch (error) {
        throw inWords(error)
      }
    },

    grant: ({ fileId, subject }) =>
      change(fileId, (tx) => store.addGrant(tx, fileId, checked(subject, SUBJECT, 'subject'))),
    revoke: ({ fileId, subject }) => change(fileId, (tx) => store.removeGrant(tx, fileId, subject)),
    keep: ({ fileId, keeper }) =>
      change(fileId, (tx) => store.addKeeper(tx, fileId, checked(keeper, KEEPER, 'keeper'), now())),
    release: ({ fileId, keeper, deleteAfter }) =>
      change(fileId, async (tx) => {
        await store.removeKeeper(tx, fileId, keeper)
        const date = dateOf(deleteAfter)
        if (date) await store.setDeleteAfter(tx, fileId, date)
      }),
    setDeleteAfter: ({ fileId, deleteAfter }) =>
      change(fileId, (tx) => store.setDeleteAfter(tx, fileId, dateOf(deleteAfter) ?? null)),
    delete: ({ fileId }) =>
      change(fileId, async (tx) => {
        const keepers = await store.listKeepers(tx, fileId)
        if (keepers.length > 0)
          throw new ConnectError(`it is kept by ${keepers.join(', ')}`, Code.FailedPrecondition)
        await remove(tools, own, tx, [fileId], 'deleted')
      }),
    createLink: async ({ fileId, seconds, inline }) => {
      const { url } = linkTo(tools, own, await ready(fileId), seconds > 0 ? seconds : 900, inline)
      return { url }
    },
  })
}
