/**
 * Arrays of PostgreSQL by the numbers of their types. postgres.js would ask each new connection for them, and what that
 * query throws when the connection breaks just then reaches nobody: Node ends the process. The numbers are fixed
 * (https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat).
 */
import type { PostgresType } from 'postgres'
import { parse } from 'postgres-array'

const asIs = (text: string): unknown => text
const number = Number
const time = (text: string) => new Date(text)
const truth = (text: string) => text === 't'
const bytes = (text: string) => Buffer.from(text.slice(2), 'hex')

/** Array type → what its elements become; as texts where JavaScript has nothing that holds them whole. Enums are cast to text[]. */
const elements: Readonly<Record<number, (text: string) => unknown>> = {
  ...{ 1000: truth, 1001: bytes },
  // int2, int4, int8 (as `bigint` in store.ts), oid, float4, float8
  ...{ 1005: number, 1007: number, 1016: number, 1028: number, 1021: number, 1022: number },
  // date, timestamp, timestamptz
  ...{ 1182: time, 1115: time, 1185: time },
  ...{ 199: JSON.parse, 3807: JSON.parse },
  // "char", name, text, bpchar, varchar, uuid, numeric, inet, cidr, interval, time, regtype, regclass
  ...Object.fromEntries(
    [1002, 1003, 1009, 1014, 1015, 2951, 1231, 1041, 651, 1187, 1183, 2211, 2210].map((type) => [type, asIs]),
  ),
}
const json = new Set([199, 3807])

function textOf(value: unknown, isJson: boolean): string {
  if (isJson) return JSON.stringify(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return String(value)
}

/** The array as PostgreSQL reads it: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function literalOf(values: unknown, isJson: boolean): unknown {
  // A literal that somebody wrote already.
  if (!Array.isArray(values)) return values
  const parts = values.map((value) => {
    if (value === null || value === undefined) return 'null'
    if (Array.isArray(value) && !isJson) return literalOf(value, isJson)
    return `"${textOf(value, isJson).replace(/["\\]/g, '\\$&')}"`
  })
  return `{${parts.join(',')}}`
}

/** For the option `types` of postgres.js, beside `fetch_types: false`. */
export const arrayTypes: Readonly<Record<string, PostgresType>> = Object.fromEntries(
  Object.entries(elements).map(([number, element]) => {
    const oid = Number(number)
    const type: PostgresType = {
      to: oid,
      from: [oid],
      serialize: (values: unknown) => literalOf(values, json.has(oid)),
      parse: (text: string) => parse(text, element),
    }
    return [`array${oid}`, type]
  }),
)
