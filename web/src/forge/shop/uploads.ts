/** Uploads of models of this tab. They go on while one looks at other pages; what a closed tab left behind is continued. */
import { ProblemError } from '@pleiad/platform/client'
import { defaultOptions } from '@pleiad/workshop/print/options'
import { useSyncExternalStore } from 'react'
import { queryClient } from '../../api.ts'
import { forge, onceKey } from '../api.ts'
import { bookQuery, type Intake, modelsKey } from './data.ts'
import { sendFile, UploadGone } from './tus.ts'

/** Until the server has said what it reads. */
const everywhere: readonly Intake['formats'][number][] = ['stl', 'obj', '3mf']

export interface Upload {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly sent: number
  /** waiting: the line broke; making: all has arrived, the model is being made of it. */
  readonly state: 'sending' | 'waiting' | 'paused' | 'making' | 'done' | 'failed'
  readonly modelId?: string
  readonly error?: unknown
}

interface Running {
  readonly file: File
  stop: AbortController
  /** File of the server that has part of it already. */
  fileId?: string
  readonly key: string
}

let uploads: readonly Upload[] = []
const running = new Map<string, Running>()
const listeners = new Set<() => void>()

function change(id: string, part: Partial<Upload>): void {
  uploads = uploads.map((upload) => (upload.id === id ? { ...upload, ...part } : upload))
  for (const listener of listeners) listener()
}

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => uploads,
  )
}

/** Names of model files end so. */
export const endingsOf = (intake: Intake | undefined): readonly string[] =>
  (intake?.formats ?? everywhere).flatMap((format) =>
    format === 'step' ? ['.step', '.stp'] : [`.${format}`],
  )

/** Whether a file may be read; the server looks at the bytes, this only keeps people from waiting in vain. */
export function isModelFile({ name, size }: File, intake: Intake | undefined): boolean {
  const known = endingsOf(intake).some((ending) => name.toLowerCase().endsWith(ending))
  return known && (intake === undefined || size <= intake.maxMb * 1024 * 1024)
}

/** Begins to upload a file, or goes on where an earlier upload of it broke off. */
export function upload(file: File): void {
  const id = crypto.randomUUID()
  uploads = [{ id, name: file.name, size: file.size, sent: 0, state: 'sending' }, ...uploads]
  running.set(id, { file, stop: new AbortController(), key: onceKey() })
  for (const listener of listeners) listener()
  void run(id)
}

export function pauseUpload(id: string): void {
  running.get(id)?.stop.abort()
  change(id, { state: 'paused' })
}

/** Goes on after a pause or a failure. */
export function resumeUpload(id: string): void {
  const found = running.get(id)
  if (!found) return
  found.stop = new AbortController()
  change(id, { state: 'sending', error: undefined })
  void run(id)
}

/** Takes it off the list; what is unfinished is given up. */
export function dropUpload(id: string): void {
  const found = running.get(id)
  found?.stop.abort()
  const unfinished = uploads.find((upload) => upload.id === id)?.state !== 'done'
  if (found?.fileId && unfinished)
    void forge.files.deleteFile({ params: { fileId: found.fileId } }).catch(() => {})
  running.delete(id)
  uploads = uploads.filter((upload) => upload.id !== id)
  for (const listener of listeners) listener()
}

async function run(id: string): Promise<void> {
  const found = running.get(id)
  if (!found) return
  const { stop } = found
  try {
    await send(id, found)
    change(id, { state: 'making', sent: found.file.size })
    const modelId = await makeModel(found)
    change(id, { state: 'done', modelId })
    void queryClient.invalidateQueries({ queryKey: modelsKey })
  } catch (error) {
    if (stop.signal.aborted) return
    if (error instanceof UploadGone) found.fileId = undefined
    change(id, { state: 'failed', error })
  }
}

async function send(id: string, found: Running): Promise<void> {
  const { file, stop } = found
  const place = await placeOf(found)
  if (!place) return
  await sendFile({
    url: place,
    file,
    signal: stop.signal,
    onProgress: (sent) => change(id, { sent }),
    onWaiting: (waiting) => change(id, { state: waiting ? 'waiting' : 'sending' }),
  })
}

/** Where to send it; undefined when all of it is there. */
async function placeOf(found: Running): Promise<string | undefined> {
  const { file } = found
  const fileId = found.fileId ?? (await unfinished(file))
  if (fileId) {
    found.fileId = fileId
    const known = await forge.files.getFile({ params: { fileId } })
    if (known.state === 'ready') return undefined
    const { uploadUrl } = await forge.files.resumeUpload({ params: { fileId } })
    return pathOf(uploadUrl)
  }
  const begun = await forge.files.createUpload({
    body: {
      name: file.name,
      size: file.size,
      purpose: 'model',
      ...(/^[\x21-\x7e]+\/[\x20-\x7e]+$/.test(file.type) ? { type: file.type } : {}),
    },
  })
  found.fileId = begun.file.fileId
  return pathOf(begun.uploadUrl)
}

/** The page's own origin serves the uploads, whatever its public name is. */
const pathOf = (url: string) => {
  const { pathname, search } = new URL(url, location.href)
  return pathname + search
}

/** A file of this name and size of which a part has arrived, and which no other upload here goes on with. */
async function unfinished(file: File): Promise<string | undefined> {
  const { items } = await forge.files.listFiles({
    query: { purpose: 'model', state: 'uploading', limit: 50 },
  })
  const taken = new Set([...running.values()].map(({ fileId }) => fileId))
  return items.find((one) => one.name === file.name && one.size === file.size && !taken.has(one.fileId))
    ?.fileId
}

async function makeModel({ fileId, key }: Running): Promise<string> {
  const body = { fileId: fileId!, ...(await firstOptions()) }
  try {
    return (await forge.editor.createModel({ body, idempotencyKey: key })).modelId
  } catch (error) {
    // The answer to an earlier try was lost on its way.
    if (error instanceof ProblemError && error.code === 'modelExists' && 'modelId' in error.problem)
      return String(error.problem.modelId)
    throw error
  }
}

/** With the usual options the model is priced as soon as it is ready. Without a price book it is only checked. */
async function firstOptions() {
  try {
    const { book } = await queryClient.ensureQueryData(bookQuery)
    return { options: defaultOptions(book) }
  } catch {
    return {}
  }
}
