/** What people are told, where, and how they choose: in-app notifications, e-mail, preferences, the mail outbox. */
import {
  defineContract,
  pageOf,
  pageQuery,
  type Static,
  Timestamp,
  Type,
  Uuid,
} from '@pleiad/platform/contract'

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

const Unread = Type.Object({
  unread: Type.Integer({ minimum: 0, description: 'Notifications not read yet' }),
})

const Digest = Type.Enum(['off', 'daily', 'weekly'], {
  description: 'How often unread notifications that were not mailed are gathered into one mail',
})

const kindChoice = {
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
export type Preferences = Static<typeof Preferences>

const MailState = Type.Enum(['queued', 'sending', 'sent', 'kept', 'failed'], {
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
export type Mail = Static<typeof Mail>

const notificationParams = Type.Object({ notificationId: Uuid })
const mailParams = Type.Object({ mailId: Type.String({ format: 'uuid', description: 'The mail' }) })
const one = '01938a5e-7c00-7000-8000-000000000010'

export const notifications = defineContract({
  name: 'notifications',
  version: '1.0.0',
  summary: 'Tells people what happened: in the app, live, by e-mail and as a digest, as they prefer.',
  operations: {
    listNotifications: {
      method: 'GET',
      path: '',
      summary: 'My notifications, newest first',
      access: 'user',
      query: Type.Object({
        ...pageQuery,
        cursor: Type.Optional(Type.String({ format: 'uuid', description: '`next` of the page before' })),
        unread: Type.Optional(Type.Boolean({ description: 'Only those not read yet' })),
        locale: Type.Optional(
          Type.Enum(['en', 'ru'], { description: 'Language to word them in; default: my profile’s' }),
        ),
      }),
      returns: pageOf(Notification),
      example: { query: { limit: 25 } },
    },
    countUnread: {
      method: 'GET',
      path: '/unread-count',
      summary: 'How many of my notifications are unread',
      access: 'user',
      returns: Unread,
    },
    markAllRead: {
      method: 'POST',
      path: '/read',
      summary: 'Mark all my notifications as read',
      access: 'user',
      body: Type.Object(
        {
          upTo: Type.Optional(
            Type.String({
              format: 'uuid',
              description: 'Only this notification and older ones; default: all',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      returns: Unread,
      example: { body: {} },
    },
    markRead: {
      method: 'POST',
      path: '/:notificationId/read',
      summary: 'Mark one notification as read',
      access: 'user',
      params: notificationParams,
      returns: Unread,
      example: { params: { notificationId: one } },
    },
    deleteNotification: {
      method: 'DELETE',
      path: '/:notificationId',
      summary: 'Delete one of my notifications',
      access: 'user',
      params: notificationParams,
      returns: Unread,
      example: { params: { notificationId: one } },
    },
    getPreferences: {
      method: 'GET',
      path: '/preferences',
      summary: 'What I am told, and where',
      access: 'user',
      query: Type.Object({
        locale: Type.Optional(
          Type.Enum(['en', 'ru'], { description: 'Language of the titles; default: my profile’s' }),
        ),
      }),
      returns: Preferences,
      etag: 'version',
    },
    updatePreferences: {
      method: 'PUT',
      path: '/preferences',
      summary: 'Choose what I am told, and where',
      description: 'Kinds left out go back to their default. Locked choices cannot be changed.',
      access: 'user',
      ifMatch: true,
      body: Type.Object(
        {
          digest: Digest,
          kinds: Type.Array(Type.Object(kindChoice, { additionalProperties: false }), { maxItems: 200 }),
        },
        { additionalProperties: false },
      ),
      returns: Preferences,
      etag: 'version',
      errors: ['choiceNotOffered'],
      example: { body: { digest: 'weekly', kinds: [{ kind: 'welcome', inApp: true, email: false }] } },
    },
    listMails: {
      method: 'GET',
      path: '/mails',
      summary: 'The mail outbox, newest first',
      access: { permission: 'mail:read' },
      query: Type.Object({
        ...pageQuery,
        cursor: Type.Optional(Type.String({ format: 'uuid', description: '`next` of the page before' })),
        state: Type.Optional(MailState),
        to: Type.Optional(Type.String({ maxLength: 254, description: 'Beginning of the address' })),
      }),
      returns: Type.Object({
        ...pageOf(MailSummary).properties,
        smtp: Type.Boolean({
          description: 'Whether a mail server is set; otherwise mails are only kept here',
        }),
      }),
      example: { query: { limit: 25 } },
    },
    getMail: {
      method: 'GET',
      path: '/mails/:mailId',
      summary: 'One mail as it was rendered',
      access: { permission: 'mail:read' },
      params: mailParams,
      returns: Mail,
      example: { params: { mailId: one } },
    },
    resendMail: {
      method: 'POST',
      path: '/mails/:mailId/resend',
      summary: 'Send a mail again',
      description: 'Keeps the Message-ID, so that a mailbox that has it already may fold the copies.',
      access: { permission: 'mail:send' },
      params: mailParams,
      returns: MailSummary,
      errors: ['mailServerNotSet', 'mailBeingSent', 'mailNotResendable'],
      example: { params: { mailId: one } },
    },
  },
  events: {
    'mail.due': {
      version: 1,
      description: 'A mail is to be sent now, or its last attempt is to be looked after. The service’s own.',
      data: Type.Object({ mailId: Type.String({ format: 'uuid', description: 'The mail' }) }),
      key: 'mailId',
      example: { mailId: one },
    },
  },
  errors: {
    choiceNotOffered: {
      status: 422,
      title: 'This choice is not offered.',
      description:
        'A kind is unknown, named twice, or its channel is locked (mails that keep the account safe cannot be switched off). `errors` lists them.',
    },
    mailServerNotSet: {
      status: 409,
      title: 'No mail server is set.',
      description: 'Set SMTP_URL and start again; until then mails are only kept in the outbox.',
    },
    mailBeingSent: {
      status: 409,
      title: 'This mail is being sent right now.',
      description: 'Wait until the attempt has ended, then look at its state.',
    },
    mailNotResendable: {
      status: 409,
      title: 'This mail cannot be sent again.',
      description: 'Its link or code was deleted after it was sent. The person can ask for a new one.',
    },
  },
  permissions: {
    'mail:read': 'See the mail outbox',
    'mail:send': 'Send a mail of the outbox again',
  },
  topics: {
    'notifications.changed': {
      description: 'My notifications have changed; the new one when there is one.',
      data: Type.Object({
        unread: Type.Integer({ minimum: 0, description: 'Notifications not read yet' }),
        notification: Type.Optional(Notification),
      }),
    },
  },
})
