/** Compiles a contract's schemas: strict validators of requests, serialisers of answers, trouble told in words. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fastJson from 'fast-json-stringify'
import type { TSchema } from '../contract/contract.ts'

export interface FieldError {
  /** JSON pointer (RFC 6901) that begins with the part of the request: `/body/items/0/count`, `/query/limit`. */
  readonly path: string
  readonly message: string
}

/** Returns the bad fields, or undefined when there are none. Fills in defaults; coerces when compiled so. */
export type Validator = (value: unknown) => FieldError[] | undefined

/** A body of a million bad items is answered with this many errors. */
const MAX_ERRORS = 50

const options = { allErrors: true, strict: false, useDefaults: true, ownProperties: true } as const
const addFormats = formats as unknown as (ajv: Ajv2020) => void
const exact = new Ajv2020({ ...options, coerceTypes: false })
const coercing = new Ajv2020({ ...options, coerceTypes: true })
addFormats(exact)
addFormats(coercing)

/**
 * Compiled when the first value comes: of hundreds of operations a process is asked for few, and compiling all of them
 * would take half of its start and a third of its memory.
 * @param part first segment of the pointers: `body`, `query` or `params`. Bodies are never coerced.
 */
export function compileValidator(schema: TSchema, part: 'body' | 'query' | 'params' | 'answer'): Validator {
  const ajv = part === 'query' || part === 'params' ? coercing : exact
  let validate: ValidateFunction | undefined
  return (value) => {
    validate ??= ajv.compile(close(schema) as object)
    return validate(value) ? undefined : describe(validate.errors ?? [], part)
  }
}

/** Writes exactly the fields of `schema`; throws when a required one is missing. Compiled like the validators. */
export function compileSerialiser(schema: TSchema): (value: unknown) => string {
  let serialise: ((value: unknown) => string) | undefined
  return (value) => {
    serialise ??= buildSerialiser(schema)
    return serialise(value)
  }
}

/** Throws when the schema cannot be compiled. */
export function buildSerialiser(schema: TSchema): (value: unknown) => string {
  return fastJson(JSON.parse(JSON.stringify(schema)), { ajv: { strict: false } as never })
}

/**
 * A copy of `schema` in which every object refuses fields it does not name. Members of an intersection each see all
 * fields, so there the intersection as a whole refuses (`unevaluatedProperties`).
 */
export function close(schema: unknown, inIntersection = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => close(item, inIntersection))
  if (typeof schema !== 'object' || schema === null) return schema
  const source = schema as Record<string, unknown>
  const closed: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(source)) {
    if (name === 'properties' || name === 'patternProperties' || name === '$defs')
      closed[name] = Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, close(item)]),
      )
    else if (name === 'allOf') closed[name] = close(value, true)
    else if (name === 'anyOf' || name === 'oneOf') closed[name] = close(value, inIntersection)
    else if (name === 'items' || name === 'additionalProperties') closed[name] = close(value)
    else closed[name] = value
  }
  const isObject = source['type'] === 'object' || 'properties' in source
  const open = 'additionalProperties' in source || 'unevaluatedProperties' in source
  if ('allOf' in source && !inIntersection && !open) closed['unevaluatedProperties'] = false
  else if (isObject && !inIntersection && !open && ('properties' in source || 'patternProperties' in source))
    closed['additionalProperties'] = false
  return closed
}

function describe(errors: readonly ErrorObject[], part: string): FieldError[] {
  const found = new Map<string, FieldError>()
  for (const error of errors) {
    // What a union's or condition's branches say is told by their own errors.
    if (
      error.keyword === 'if' ||
      (error.keyword === 'anyOf' && errors.length > 1 && isConstUnion(errors, error))
    )
      continue
    const { path, message } = inWords(error)
    const whole = `/${part}${path}`
    const known = found.get(`${whole} ${message}`)
    if (!known) found.set(`${whole} ${message}`, { path: whole, message })
    if (found.size === MAX_ERRORS) break
  }
  return mergeConstants(found.values())
}

/** Whether a union failed only because its constants did: then "must be one of" says it all. */
function isConstUnion(errors: readonly ErrorObject[], union: ErrorObject): boolean {
  return errors.some((error) => error.keyword === 'const' && error.instancePath === union.instancePath)
}

const EXACTLY = 'must be exactly '

/** `must be exactly "a"` and `must be exactly "b"` of one field become `must be one of "a", "b"`. */
function mergeConstants(found: Iterable<FieldError>): FieldError[] {
  const merged: FieldError[] = []
  const constants = new Map<string, string[]>()
  for (const error of found) {
    if (!error.message.startsWith(EXACTLY)) merged.push(error)
    else
      constants.set(error.path, [...(constants.get(error.path) ?? []), error.message.slice(EXACTLY.length)])
  }
  for (const [path, values] of constants)
    merged.push({
      path,
      message: values.length === 1 ? EXACTLY + values[0] : `must be one of ${values.join(', ')}`,
    })
  return merged
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

const typeNames: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

const formatNames: Record<string, string> = {
  uuid: 'a UUID',
  email: 'an e-mail address',
  'date-time': 'a time in ISO 8601, such as 2026-01-31T12:00:00Z',
  date: 'a date, such as 2026-01-31',
  uri: 'an address with a scheme, such as https://example.com',
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** https://ajv.js.org/api.html#error-parameters */
function inWords({ keyword, instancePath, params, message }: ErrorObject): FieldError {
  const at = (text: string, name?: string) => ({
    path: name === undefined ? instancePath : `${instancePath}/${escaped(name)}`,
    message: text,
  })
  switch (keyword) {
    case 'required':
      return at('is required', params['missingProperty'])
    case 'additionalProperties':
      return at('is not a field that is known here', params['additionalProperty'])
    case 'unevaluatedProperties':
      return at('is not a field that is known here', params['unevaluatedProperty'])
    case 'type': {
      const types = [params['type']].flat() as string[]
      return at(`must be ${types.map((type) => typeNames[type] ?? type).join(' or ')}`)
    }
    case 'format':
      return at(`must be ${formatNames[params['format']] ?? `of format ${params['format']}`}`)
    case 'minLength':
      return at(`must have at least ${plural(params['limit'], 'character')}`)
    case 'maxLength':
      return at(`must have at most ${plural(params['limit'], 'character')}`)
    case 'minItems':
      return at(`must have at least ${plural(params['limit'], 'item')}`)
    case 'maxItems':
      return at(`must have at most ${plural(params['limit'], 'item')}`)
    case 'minProperties':
      return at(`must have at least ${plural(params['limit'], 'field')}`)
    case 'maxProperties':
      return at(`must have at most ${plural(params['limit'], 'field')}`)
    case 'uniqueItems':
      return at(`must not have the same item twice (${params['i']} and ${params['j']})`)
    case 'minimum':
      return at(`must be ${params['limit']} or more`)
    case 'maximum':
      return at(`must be ${params['limit']} or less`)
    case 'exclusiveMinimum':
      return at(`must be more than ${params['limit']}`)
    case 'exclusiveMaximum':
      return at(`must be less than ${params['limit']}`)
    case 'multipleOf':
      return at(`must be a multiple of ${params['multipleOf']}`)
    case 'const':
      return at(`must be exactly ${JSON.stringify(params['allowedValue'])}`)
    case 'enum':
      return at(
        `must be one of ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`,
      )
    case 'pattern':
      return at(`must match ${params['pattern']}`)
    case 'anyOf':
    case 'oneOf':
      return at('must have one of the forms that are described for it')
    default:
      return at(message ?? 'is not right')
  }
}
