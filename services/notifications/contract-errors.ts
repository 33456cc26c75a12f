/** What notifications refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const notificationsErrors = {
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
    description:
      'Its link or code was deleted after it was sent, or has ended. The person can ask for a new one.',
  },
} as const satisfies Record<string, ErrorKind>
