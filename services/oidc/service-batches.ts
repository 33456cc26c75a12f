/**
 * Tokens of machines, gathered: while one statement is under way the next tokens wait for each other. They do not wait
 * for the disk: one that a crash of PostgreSQL swallowed is refused, and the machine asks for another.
 */
import type { Sql } from '@pleiad/platform/store'
import { insertTokens, type Row } from './store-models.ts'

export interface Batches {
  /** Resolves when the token is stored. */
  readonly insert: (token: { id: Buffer; row: Row }) => Promise<void>
}

const MOST = 500

export function createBatches(sql: Sql): Batches {
  const waiting: { token: { id: Buffer; row: Row }; done: () => void; failed: (error: unknown) => void }[] =
    []
  let running = false

  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST)
      await insertTokens(
        sql,
        batch.map(({ token }) => token),
        'soon',
      ).then(
        () => {
          for (const { done } of batch) done()
        },
        (error) => {
          for (const { failed } of batch) failed(error)
        },
      )
    }
    running = false
  }

  return {
    insert: (token) =>
      new Promise((done, failed) => {
        waiting.push({ token, done, failed })
        // Requests of the same turn of the loop go together.
        if (!running) {
          running = true
          setImmediate(run)
        }
      }),
  }
}
