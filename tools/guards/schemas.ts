/** Whether one JSON Schema allows no more than another: the question behind every breaking change. */

export interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly [rule: string]: unknown
}

/** Rules where a larger figure allows less, and where a smaller one does. */
const lowerBounds = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties']
const upperBounds = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties']
const sameOrAbsent = ['pattern', 'format', 'multipleOf', 'uniqueItems']

/**
 * Why a value that `inner` allows might not be allowed by `outer`, one line per place; empty when it always is. Errs on
 * the side of trouble. `closed`: objects of `outer` refuse fields they do not name (request bodies do).
 */
export function widerThan(inner: Schema, outer: Schema, closed: boolean, path = ''): string[] {
  if (JSON.stringify(inner) === JSON.stringify(outer) || Object.keys(withoutNotes(outer)).length === 0)
    return []
  const innerParts = inner.anyOf ?? inner.oneOf
  if (innerParts) return innerParts.flatMap((part) => widerThan(part, outer, closed, path))
  const outerParts = outer.anyOf ?? outer.oneOf
  if (outerParts) {
    const attempts = outerParts.map((part) => widerThan(inner, part, closed, path))
    return (
      attempts.find((troubles) => troubles.length === 0) ??
      attempts.sort((a, b) => a.length - b.length)[0] ??
      []
    )
  }
  if (outer.allOf || inner.allOf) return widerThan(merged(inner), merged(outer), closed, path)

  const at = path === '' ? 'the value' : path
  const values = valuesOf(inner)
  const permitted = valuesOf(outer)
  if (permitted) {
    if (!values) return [`${at} may have other values than ${permitted.join(', ')}`]
    const more = values.filter((value) => !permitted.includes(value))
    return more.length > 0 ? [`${at} may be ${more.join(', ')}`] : []
  }
  const troubles: string[] = []
  const types = typesOf(inner)
  const allowed = typesOf(outer)
  const otherTypes = types.filter(
    (type) => !allowed.includes(type) && !(type === 'integer' && allowed.includes('number')),
  )
  if (allowed.length > 0 && (types.length === 0 || otherTypes.length > 0))
    return [`${at} may be ${otherTypes.join(' or ') || 'anything'}, not only ${allowed.join(' or ')}`]
  if (values) return []

  for (const rule of lowerBounds)
    if (isNumber(outer[rule]) && !(isNumber(inner[rule]) && inner[rule] >= outer[rule]))
      troubles.push(`${at}: ${rule} ${show(inner[rule])} against ${outer[rule]}`)
  for (const rule of upperBounds)
    if (isNumber(outer[rule]) && !(isNumber(inner[rule]) && inner[rule] <= outer[rule]))
      troubles.push(`${at}: ${rule} ${show(inner[rule])} against ${outer[rule]}`)
  for (const rule of sameOrAbsent)
    if (outer[rule] !== undefined && outer[rule] !== inner[rule])
      troubles.push(`${at}: ${rule} ${show(inner[rule])} against ${show(outer[rule])}`)
  if (outer.items) troubles.push(...widerThan(inner.items ?? {}, outer.items, closed, `${path}[]`))
  return [...troubles, ...objectTroubles(inner, outer, closed, path)]
}

function objectTroubles(inner: Schema, outer: Schema, closed: boolean, path: string): string[] {
  const place = (name: string) => (path === '' ? name : `${path}.${name}`)
  const troubles: string[] = []
  for (const name of outer.required ?? [])
    if (!inner.required?.includes(name)) troubles.push(`${place(name)} may be absent`)
  for (const [name, field] of Object.entries(inner.properties ?? {})) {
    const counterpart = outer.properties?.[name]
    if (counterpart) troubles.push(...widerThan(field, counterpart, closed, place(name)))
    else if (closed && outer.properties) troubles.push(`${place(name)} is not known`)
  }
  return troubles
}

function withoutNotes({
  description: _description,
  title: _title,
  default: _default,
  examples: _examples,
  ...rules
}: Schema): object {
  return rules
}

/** An intersection of objects as one object. */
function merged(schema: Schema): Schema {
  const { allOf = [], ...own } = schema
  const parts = [own, ...allOf.map(merged)]
  return Object.assign({}, ...parts, {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  })
}

function valuesOf(schema: Schema): string[] | undefined {
  if (schema.const !== undefined) return [JSON.stringify(schema.const)]
  return schema.enum?.map((value) => JSON.stringify(value))
}

function typesOf(schema: Schema): string[] {
  if (schema.type !== undefined) return [schema.type].flat() as string[]
  const values = schema.const === undefined ? schema.enum : [schema.const]
  if (values)
    return [
      ...new Set(
        values.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)),
      ),
    ]
  return schema.properties ? ['object'] : []
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const show = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value))
