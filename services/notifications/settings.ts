/** Settings of notifications, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  SMTP_URL: Type.Optional(
    Type.String({
      secret: true,
      pattern: '^smtps?://[^/]+',
      expects: 'a URL such as smtp://user:password@host:587, or smtps:// for TLS from the start',
      description:
        'Mail server, such as smtp://user:password@mail.example.com:587; without it mails are only kept in the outbox',
    }),
  ),
  MAIL_FROM: Type.Optional(
    Type.String({
      minLength: 3,
      maxLength: 200,
      description:
        'Sender of mails, such as Pleiad <no-reply@example.com>; default: no-reply at the host of PUBLIC_URL',
    }),
  ),
  SMTP_TIMEOUT_MS: Type.Integer({
    default: 15_000,
    minimum: 100,
    maximum: 60_000,
    description: 'Milliseconds to wait for the mail server at each step',
  }),
  MAIL_CONCURRENCY: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 50,
    description: 'Mails sent at the same time by one process',
  }),
  MAIL_KEEP_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    description: 'Days for which mails stay in the outbox',
  }),
})
export type NotificationsConfig = Static<typeof settings>
