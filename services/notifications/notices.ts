/** In-app notifications: stored as facts, worded when they are read, so that they follow the reader's language. */
import type { Notification } from './contract-schemas.ts'
import { type Facts, kindOf, type Locale, pageOf } from './kinds.ts'
import { readableFacts, wordingOf } from './texts.ts'

/** One in-app notification as it is stored; it is worded when it is read. */
export interface StoredNotification {
  readonly notificationId: string
  readonly kind: string
  readonly facts: Facts
  readonly createdAt: Date
  readonly readAt: Date | null
}

/** A stored notification in words. */
export function word(stored: StoredNotification, locale: Locale, timeZone: string): Notification {
  const kind = kindOf(stored.kind)
  const page = pageOf(stored.kind, stored.facts)
  const wording = wordingOf(stored.kind, locale)
  const facts = readableFacts(stored.facts, locale, timeZone)
  const title = wording.title(facts)
  const body = wording.body(facts).filter((paragraph) => paragraph !== '' && paragraph !== `${title}.`)
  return {
    notificationId: stored.notificationId,
    kind: stored.kind,
    title,
    body: body.join('\n'),
    ...(page ? { link: page } : {}),
    important: kind?.important ?? false,
    createdAt: stored.createdAt.toISOString(),
    ...(stored.readAt ? { readAt: stored.readAt.toISOString() } : {}),
  }
}
