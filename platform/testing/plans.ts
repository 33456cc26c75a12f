/** For tests: how PostgreSQL runs the statements of a store function, whatever values come. */
import { expect } from 'vitest'
import type { Tools } from '../service/service.ts'
import type { Tx } from '../store/store.ts'

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Node[]
}

const stepsBelow = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(stepsBelow)]

/**
 * Runs `work`, asks PostgreSQL how it runs each of its statements, and undoes it all. Expects that none reads a whole
 * table, or touches more than `atMost` rows in a step. Only tables with many rows show that: fill and analyze them first.
 */
export async function expectIndexed(
  tools: Pick<Tools, 'sql' | 'transact'>,
  work: (tx: Tx) => Promise<unknown>,
  atMost: number,
): Promise<void> {
  const { options } = tools.sql as unknown as { options: { debug: unknown } }
  const steps: Node[] = []
  const undone = new Error('undone')
  const plan = async (tx: Tx, how: string, text: string, values?: never[]) => {
    const rows = await tx.unsafe(`explain (${how}, format json) ${text}`, values)
    steps.push(
      ...stepsBelow((rows[0] as unknown as { 'QUERY PLAN': [{ Plan: Node }] })['QUERY PLAN'][0].Plan),
    )
  }
  await tools
    .transact(async (tx) => {
      const statements: { text: string; values: never[] }[] = []
      // Other connections of the pool work too: ours is the one that sets the savepoint.
      let ours: number | undefined
      options.debug = (connection: number, text: string, values: never[]) => {
        if (text === 'savepoint before') ours = connection
        else if (connection === ours) statements.push({ text, values: [...values] as never[] })
      }
      await tx`savepoint before`
      await work(tx)
      options.debug = false
      await tx`rollback to savepoint before`
      expect(statements.length).toBeGreaterThan(0)
      for (const { text, values } of statements) {
        await plan(tx, 'analyze', text, values)
        // A prepared statement may also be planned once, for whatever values come.
        await plan(tx, 'generic_plan', text)
      }
      throw undone
    })
    .catch((error) => {
      if (error !== undone) throw error
    })
    .finally(() => {
      options.debug = false
    })
  expect(steps.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
  const touched = (node: Node) =>
    ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0)
  expect(Math.max(...steps.map(touched))).toBeLessThanOrEqual(atMost)
}
