/** What people are told, where, and how they choose: in-app notifications, e-mail, preferences, the mail outbox. */
import { defineContract, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import { notificationsErrors } from './contract-errors.ts'
import {
  Digest,
  kindChoice,
  Mail,
  MailState,
  MailSummary,
  Notification,
  Preferences,
  Unread,
} from './contract-schemas.ts'

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
  errors: notificationsErrors,
  permissions: {
    'mail:read':
      'See the mail outbox; without a mail server also the links in it, which let one in as the person they are for',
    'mail:send': 'Send a mail of the outbox again',
  },
  topics: {
    'notifications.changed': {
      description: 'My notifications have changed; the new one when there is one.',
      data: Type.Object({
        unread: Type.Integer({ minimum: 0, description: 'Notifications not read yet; counted up to 1,000' }),
        notification: Type.Optional(Notification),
      }),
    },
  },
})
