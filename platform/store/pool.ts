/** How a pool is used, counted at its door: postgres.js keeps to itself what its connections do. */

export interface PoolUse {
  /** Connections the pool may have. */
  readonly limit: number
  /** Connections that transactions hold. */
  readonly transaction: number
  /** Transactions that wait for a connection. */
  readonly waiting: number
}

/** As the clients of postgres.js have it. */
type Begin<T> = <R>(work: (transaction: T) => Promise<R>) => Promise<unknown>

/** Wraps `begin` of a client, so that `use` tells what is going on. */
export function countTransactions<T>(
  limit: number,
  begin: Begin<T>,
): { readonly begin: <R>(work: (transaction: T) => Promise<R>) => Promise<R>; readonly use: () => PoolUse } {
  let held = 0
  let waiting = 0
  return {
    use: () => ({ limit, transaction: held, waiting }),
    begin: async <R>(work: (transaction: T) => Promise<R>): Promise<R> => {
      let holds = false
      waiting++
      try {
        return (await begin((transaction) => {
          holds = true
          waiting--
          held++
          return work(transaction)
        })) as R
      } finally {
        if (holds) held--
        else waiting--
      }
    },
  }
}
