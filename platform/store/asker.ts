/** One statement, asked again and again on a connection of its own, within a bounded time. */
import type postgres from 'postgres'
import { connect } from './connect.ts'

export interface Asker<Row> {
  /** Rejects when there is no answer in time; the next question then goes over a new connection. */
  readonly ask: () => Promise<Row>
  readonly close: () => Promise<void>
}

/** @param lost is called when the connection has ended, also while nothing is asked. */
export function createAsker<Row>(
  url: string,
  statement: string,
  limitMs: number,
  lost: () => void = () => {},
): Asker<Row> {
  let client: postgres.Sql | undefined
  const close = async () => {
    const ending = client
    client = undefined
    await ending?.end({ timeout: 0 })
  }
  const open = () => {
    const opened = connect(url, {
      max: 1,
      max_lifetime: null,
      connect_timeout: Math.ceil(limitMs / 1000),
      onnotice: () => {},
      // One that was given up may close much later.
      onclose: () => client === opened && lost(),
      connection: { application_name: 'pleiad-standbys', statement_timeout: limitMs },
    })
    return opened
  }
  return {
    close,
    ask: async () => {
      client ??= open()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
          limitMs,
        )
      })
      try {
        const rows = await Promise.race([client.unsafe(statement), late])
        return rows[0] as unknown as Row
      } catch (error) {
        await close()
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
