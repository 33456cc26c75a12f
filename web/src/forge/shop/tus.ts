/**
 * Sends a file to an upload address of files: tus 1.0.0 (https://tus.io/protocols/resumable-upload), the core protocol.
 * Pieces grow while the line is quick, so that progress shows on a slow one and a quick one is filled.
 */

const FIRST_PIECE = 256 * 1024
const LARGEST_PIECE = 16 * 1024 * 1024
const QUICK_MS = 700
const WAITS_MS = [500, 1000, 2000, 5000, 10_000, 20_000, 30_000]

/** The address is not there any more: the upload has expired or was given up. */
export class UploadGone extends Error {}

export interface Sending {
  readonly url: string
  readonly file: Blob
  readonly signal: AbortSignal
  readonly onProgress: (sent: number) => void
  /** The line broke and is tried again after a while (true), or works again (false). */
  readonly onWaiting: (waiting: boolean) => void
}

/** Sends what the server does not have yet, as often as the line breaks. Rejects with `UploadGone`, or when aborted. */
export async function sendFile({ url, file, signal, onProgress, onWaiting }: Sending): Promise<void> {
  let failures = 0
  let piece = FIRST_PIECE
  let offset: number | undefined
  while (offset !== file.size) {
    try {
      offset ??= await offsetOf(url, signal)
      onWaiting(false)
      onProgress(offset)
      if (offset === file.size) return
      const began = performance.now()
      offset = await sendPiece(url, file, offset, piece, signal)
      failures = 0
      onProgress(offset)
      if (performance.now() - began < QUICK_MS) piece = Math.min(LARGEST_PIECE, piece * 2)
    } catch (error) {
      if (signal.aborted || error instanceof UploadGone) throw error
      // How much of the piece arrived is the server's to say.
      offset = undefined
      piece = FIRST_PIECE
      onWaiting(true)
      await pause(WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]!, signal)
    }
  }
}

const headers = { 'tus-resumable': '1.0.0' }

async function offsetOf(url: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { method: 'HEAD', headers, signal, cache: 'no-store' })
  return offsetIn(response)
}

async function sendPiece(
  url: string,
  file: Blob,
  offset: number,
  size: number,
  signal: AbortSignal,
): Promise<number> {
  const response = await fetch(url, {
    method: 'PATCH',
    headers: {
      ...headers,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
    },
    body: file.slice(offset, offset + size),
    signal,
  })
  return offsetIn(response)
}

function offsetIn(response: Response): number {
  if ([403, 404, 410].includes(response.status)) throw new UploadGone()
  const offset = Number(response.headers.get('upload-offset') ?? Number.NaN)
  if (!response.ok || !Number.isInteger(offset))
    throw new Error(`The upload was answered with ${response.status}`)
  return offset
}

/** Waits, but no longer than until the browser is on line again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      signal.removeEventListener('abort', stop)
      resolve()
    }
    const stop = () => {
      done()
      reject(signal.reason)
    }
    const timer = setTimeout(done, ms)
    addEventListener('online', done)
    signal.addEventListener('abort', stop)
  })
}
