/** Shapes of what notifications answers. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

/** One in-app notification, worded in the reader's language. */
export const Notification = Type.Object({
  notificationId: Uuid,
  kind: Type.String({ description: 'Kind from the catalogue, such as `welcome`' }),
  title: Type.String({ description: 'What happened, one line' }),
  body: Type.String({ description: 'One or two sentences; may be empty' }),
  link: Type.Optional(Type.String({ description: 'Page of the app it is about, such as `/security`' })),
  important: Type.Boolean({ description: 'It concerns the safety of the account' }),
  createdAt: Timestamp,
  readAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it was read; absent: unread' }),
  ),
})
export type Notification = Static<typeof Notification>

export const Unread = Type.Object({
  unread: Type.Integer({ minimum: 0, description: 'Notifications not read yet; counted up to 1,000' }),
})

export const Digest = Type.Enum(['off', 'daily', 'weekly'], {
  description: 'How often unread notifications that were not mailed are gathered into one mail',
})

export const kindChoice = {
  kind: Type.String({ minLength: 1, maxLength: 60, description: 'Kind from the catalogue' }),
  inApp: Type.Boolean({ description: 'Shown in the app' }),
  email: Type.Boolean({ description: 'Sent by e-mail' }),
}

export const Preferences = Type.Object({
  digest: Digest,
  version: Type.Integer({ minimum: 0, description: 'Grows with every change; the ETag. 0: never changed' }),
  kinds: Type.Array(
    Type.Object({
      ...kindChoice,
      title: Type.String({ description: 'What the kind is about, in the reader’s language' }),
      inAppLocked: Type.Boolean({ description: 'The in-app choice cannot be changed' }),
      emailLocked: Type.Boolean({
        description: 'The e-mail choice cannot be changed: it keeps the account safe',
      }),
    }),
    { description: 'Every kind a person can meet, with their choice or the default' },
  ),
})

export const MailState = Type.Enum(['queued', 'sending', 'sent', 'kept', 'failed'], {
  description: '`kept`: no mail server is set, so the mail is only here',
})

const mailSummary = {
  mailId: Type.String({ format: 'uuid', description: 'Also the local part of the Message-ID' }),
  userId: Type.Optional(Type.String({ format: 'uuid', description: 'The person it is for' })),
  to: Type.String({ description: 'Address it goes to' }),
  kind: Type.String({ description: 'Kind from the catalogue' }),
  locale: Type.Enum(['en', 'ru'], { description: 'Language it is written in' }),
  subject: Type.String({ description: 'Subject line' }),
  state: MailState,
  attempts: Type.Integer({ minimum: 0, description: 'Attempts to send it' }),
  resendable: Type.Boolean({
    description:
      'resendMail would take it now: a mail server is set, it is not under way, and its link or code is still there and has not ended. True for mails that were kept before the mail server was set',
  }),
  error: Type.Optional(Type.String({ description: 'What the mail server answered last' })),
  createdAt: Timestamp,
  sentAt: Type.Optional(Type.String({ format: 'date-time', description: 'When the mail server took it' })),
}

export const MailSummary = Type.Object(mailSummary)
export type MailSummary = Static<typeof MailSummary>
export const Mail = Type.Object({
  ...mailSummary,
  html: Type.String({ description: 'The rendered mail' }),
  text: Type.String({ description: 'The same as plain text' }),
  masked: Type.Boolean({ description: 'Links and codes in it are hidden, because a mail server is set' }),
})
