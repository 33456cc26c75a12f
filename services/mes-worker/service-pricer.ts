/** From a claimed job to its work and price. */
import { type Job, PriceWork } from '@pleiad/mes/rpc'
import type { Tools } from '@pleiad/platform/service'
import type { PriceBook } from '@pleiad/workshop/price/book'
import { price } from '@pleiad/workshop/price/price'
import type { PrintOptions } from '@pleiad/workshop/print/options'
import type { Work } from '@pleiad/workshop/print/work'
import { createMeshes, Failed } from './service-meshes.ts'
import { startPool } from './service-pool.ts'
import type { WorkerConfig } from './settings.ts'
import { failureOf, workKey } from './tasks.ts'

const BOOKS_KEPT = 5
const WORKS_KEPT = 1000

export interface Pricer {
  /**
   * @throws Failed with a reason for mes; ThreadError when the thread was ended; ConnectError when a neighbour does not
   * answer; the signal's reason.
   */
  readonly price: (
    job: Job,
    signal: AbortSignal,
  ) => Promise<{ readonly workJson: string; readonly priceJson: string; readonly sha256: string }>
  readonly close: () => Promise<void>
}

/** Keeps the `capacity` values that were used last. */
function createKept<T>(capacity: number) {
  const kept = new Map<string, T>()
  return {
    get: (key: string): T | undefined => {
      const value = kept.get(key)
      if (value !== undefined) {
        kept.delete(key)
        kept.set(key, value)
      }
      return value
    },
    set: (key: string, value: T): void => {
      kept.delete(key)
      kept.set(key, value)
      if (kept.size > capacity) kept.delete(kept.keys().next().value!)
    },
  }
}

export function createPricer(tools: Tools<WorkerConfig>): Pricer {
  const { config, count, rpc } = tools
  const pool = startPool({
    script: new URL('./service-thread.ts', import.meta.url),
    memoryMb: config.MES_WORKER_MEMORY_MB,
    timeMs: config.MES_WORKER_SECONDS * 1000,
  })
  const meshes = createMeshes(tools, {
    largestMb: config.MES_WORKER_MESH_MB,
    cacheMb: config.MES_WORKER_CACHE_MB,
  })
  const books = createKept<PriceBook>(BOOKS_KEPT)
  const works = createKept<Work>(WORKS_KEPT)

  async function findBook(version: number, signal: AbortSignal): Promise<PriceBook> {
    const known = books.get(String(version))
    if (known) return known
    const { bookJson } = await rpc(PriceWork).getBook({ version }, { signal })
    const book = JSON.parse(bookJson) as PriceBook
    books.set(String(version), book)
    return book
  }

  /** What making the mesh takes: known by mes, known here, or sliced now. */
  async function findWork(job: Job, options: PrintOptions, book: PriceBook, signal: AbortSignal) {
    if (job.workJson !== '') {
      count('works_reused')
      return { work: JSON.parse(job.workJson) as Work, sha256: '' }
    }
    const known = job.sha256 === '' ? undefined : works.get(workKey(job.sha256, job.bookVersion, options))
    if (known) {
      count('works_reused')
      return { work: known, sha256: job.sha256 }
    }
    const { bytes, sha256 } = await meshes.read(job.fileId, signal)
    const key = workKey(sha256, job.bookVersion, options)
    const again = works.get(key)
    if (again) return { work: again, sha256 }
    const answer = await pool.run({ bytes, options, book }, signal)
    if (answer.kind === 'unreadable')
      throw new Failed({ code: 'modelNotReadable', detail: answer.detail, final: true })
    if (answer.kind === 'thrown')
      throw new Failed({
        code: 'workerFailed',
        detail: `Working it out failed: ${answer.message}`,
        facts: { error: answer.name },
        final: false,
      })
    if (!answer.result.ok) throw new Failed(failureOf(answer.result.problem))
    works.set(key, answer.result.work)
    return { work: answer.result.work, sha256 }
  }

  return {
    price: async (job, signal) => {
      const options = JSON.parse(job.optionsJson) as PrintOptions
      const book = await findBook(job.bookVersion, signal)
      const { work, sha256 } = await findWork(job, options, book, signal)
      try {
        return {
          workJson: JSON.stringify(work),
          priceJson: JSON.stringify(price(work, book, options)),
          sha256,
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        throw new Failed({ code: 'bookHasHole', detail: error.message, final: true })
      }
    },
    close: pool.close,
  }
}
