/** Telling one person of one thing, everywhere they want to be told. Used by every handler. */
import { emit, push, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { notifications } from './contract.ts'
import { type Facts, kindOf, scrubFacts, sealFacts } from './kinds.ts'
import { renderMail } from './mails.ts'
import { word } from './notices.ts'
import { type Recipient, reach } from './recipients.ts'
import type { Courier } from './service-smtp.ts'
import * as store from './store.ts'
import { insertMail } from './store-mails.ts'

/** What lives as long as the process. */
export interface Own {
  readonly courier: Courier | undefined
  readonly keepDays: number
}

export interface Occasion {
  /** Id of the event that is told of: telling it twice tells it once. */
  readonly id: string
  readonly kind: string
  readonly facts: Facts
  /** Facts that arrived sealed for notifications, and stay so until they are needed. */
  readonly sealed?: Facts
  readonly at: Date
  /** Where one event is told to several people by mail; otherwise the mail has the id of the event. */
  readonly mailId?: string
  /** Another event asks for the mail about it. */
  readonly mailedElsewhere?: true
}

/** Puts the occasion into the app and into the post, as the person's state and preferences say. */
export async function tell(
  tx: Tx,
  tools: Tools,
  own: Own,
  userId: string,
  occasion: Occasion,
): Promise<void> {
  const [recipient, preferences] = await Promise.all([
    store.lockRecipient(tx, userId),
    store.findPreferences(tx, userId),
  ])
  const channels = reach(recipient, preferences, occasion.kind)
  // All of them leave at once.
  await Promise.all([
    channels.inApp && show(tx, tools, recipient, occasion, channels.email),
    channels.email &&
      !occasion.mailedElsewhere &&
      post(tx, tools, own, { ...recipient, email: recipient.email! }, occasion),
  ])
}

/** Puts the occasion into the app. */
async function show(
  tx: Tx,
  tools: Tools,
  { userId, locale, timeZone }: Recipient,
  occasion: Occasion,
  mailed: boolean,
): Promise<void> {
  const stored = {
    notificationId: occasion.id,
    kind: occasion.kind,
    facts: scrubFacts(occasion.kind, occasion.facts),
    createdAt: occasion.at,
    readAt: null,
  }
  const [inserted, unread] = await Promise.all([
    store.insertNotification(tx, userId, stored, mailed),
    store.countUnread(tx, userId),
  ])
  if (!inserted) return
  const notification = word(stored, locale, timeZone)
  push(tx, notifications, 'notifications.changed', userId, { unread, notification })
  tools.count('told_in_app', { kind: occasion.kind })
}

/** Puts a mail into the outbox, and has it sent if there is a mail server. */
export async function post(
  tx: Tx,
  tools: Tools,
  own: Own,
  to: Pick<Recipient, 'locale' | 'name' | 'timeZone'> & {
    readonly userId: string | null
    readonly email: string
  },
  occasion: Occasion,
): Promise<void> {
  const content = {
    kind: occasion.kind,
    locale: to.locale,
    name: to.name,
    timeZone: to.timeZone,
    facts: scrubFacts(occasion.kind, occasion.facts),
  }
  const seal = (plain: string) => tools.sealFor(notifications.name, plain)
  const mailId = occasion.mailId ?? occasion.id
  const inserted = await insertMail(tx, {
    ...content,
    sealed: { ...sealFacts(occasion.kind, occasion.facts, seal), ...occasion.sealed },
    mailId,
    userId: to.userId,
    to: to.email.toLowerCase(),
    scrubbed: false,
    subject: renderMail(content, tools.publicUrl).subject,
    state: own.courier ? 'queued' : 'kept',
    attempts: 0,
    error: null,
    createdAt: occasion.at,
    sentAt: null,
  })
  if (!inserted) return
  if (own.courier) emit(tx, notifications, 'mail.due', { mailId }, { lane: laneOf(occasion.kind) })
  else tools.count('mails', { result: 'kept' })
}

/** What somebody waits for goes before what nobody waits for. */
export function laneOf(kind: string): 'high' | 'normal' | 'low' {
  if (kindOf(kind)?.important) return 'high'
  return kind === 'digest' ? 'low' : 'normal'
}
