/** What a service of this process answers to the platform of another one. `installation.ts` and `sources.ts` ask. */
import { operationsOf } from '../events/operations.ts'
import type { Running } from './assemble.ts'
import { keyOf, type Sources } from './sources.ts'

type Answers = Readonly<Record<string, (...args: never[]) => unknown>>

/** By the name of the question. Answers are plain data: they travel as JSON. */
export function answersOf({ service, tools, own, events }: Running, sources: Sources): Answers {
  const { name } = service.contract
  const operations = operationsOf(events, service)
  const identity = service.identity && sources.identity
  const membership = service.membership && sources.membership
  return {
    personalData: (userId: string) => service.personalData?.(tools, own, userId),
    'operations.health': operations.health,
    'operations.stats': operations.stats,
    'operations.deadLetters': operations.deadLetters,
    'operations.deadLetter': operations.deadLetter,
    'operations.retry': operations.retry,
    'operations.discard': operations.discard,
    'operations.replay': operations.replay,
    ...(identity
      ? {
          loadKeys: identity.loadKeys,
          resolveToken: identity.resolveToken,
          loadRevocations: identity.loadRevocations,
        }
      : {}),
    ...(membership ? { roleOf: membership.roleOf } : {}),
    resolveCredential: (key: string, token: string) =>
      sources.credentials
        .find(({ service: of, source }) => of === name && keyOf(source) === key)
        ?.source.resolve(token),
  }
}
