/**
 * Sends mails outside of any transaction: a mail server that hangs holds a lease on one row, and nothing else. What was
 * handed over but not recorded when the process dies is handed over again when the lease ends (`mail.due`), under the
 * same Message-ID.
 */
import { emit, type Tools } from '@pleiad/platform/service'
import { notifications } from './contract.ts'
import { kindOf } from './kinds.ts'
import { afterSending, type Mail, nextAttempt, openMail, renderMail, senderOf, settingsUrl } from './mails.ts'
import type { NotificationsConfig } from './settings.ts'
import { recordFailure, recordSent, renewLease } from './store-mails.ts'

/** How long one attempt may take, all its steps together, before another sender may take over. */
export const LEASE_MS = 120_000
const QUEUE_PER_SENDER = 25

export interface Courier {
  /** False while so many wait that more would outlive their lease. */
  readonly hasRoom: () => boolean
  /** Sends the mail soon, if `lease` still holds then. */
  readonly hand: (mailId: string, lease: string) => void
  /** Lets what is being sent finish, drops what waits (its lease ends by itself), closes the connections. */
  readonly close: () => Promise<void>
}

/** `MAIL_FROM`, or no-reply at the installation's host; under the name of the project that the mail is sent for. */
function fromOf(mail: Mail, config: NotificationsConfig, publicUrl: string) {
  const installation = config.MAIL_FROM ?? `Pleiad <no-reply@${hostOf(publicUrl)}>`
  if (!kindOf(mail.kind)?.branded) return installation
  const address = /<([^<>]+)>\s*$/.exec(installation)?.[1] ?? installation
  return { name: senderOf(mail, publicUrl).name, address }
}

function hostOf(publicUrl: string): string {
  return URL.parse(publicUrl)?.hostname ?? 'localhost'
}

/** Opens the connection pool to `SMTP_URL`; undefined when it is not set. */
export async function startCourier(tools: Tools<NotificationsConfig>): Promise<Courier | undefined> {
  const { config, publicUrl, log } = tools
  if (!config.SMTP_URL) return undefined
  const timeout = config.SMTP_TIMEOUT_MS
  // Loaded only where it is used: it is large.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    url: config.SMTP_URL,
    pool: true,
    maxConnections: config.MAIL_CONCURRENCY,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const waiting: { mailId: string; lease: string }[] = []
  const running = new Set<Promise<void>>()
  let closed = false

  async function send(mail: Mail): Promise<void> {
    const { subject, html, text } = renderMail(openMail(mail, tools.openSealed), publicUrl)
    const settings = settingsUrl(mail.kind, publicUrl)
    await transport.sendMail({
      from: fromOf(mail, config, publicUrl),
      ...(mail.facts['supportEmail'] ? { replyTo: mail.facts['supportEmail'] } : {}),
      to: { name: mail.name, address: mail.to },
      subject,
      html,
      text,
      messageId: `<${mail.mailId}@${hostOf(publicUrl)}>`,
      date: mail.createdAt,
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(settings ? { 'List-Unsubscribe': `<${settings}>` } : {}),
      },
    })
  }

  async function deliver(mailId: string, lease: string): Promise<void> {
    const mail = await renewLease(tools.sql, mailId, lease, new Date(tools.now().getTime() + LEASE_MS))
    if (!mail) return
    try {
      await send(mail)
    } catch (error) {
      await giveBack(mail, lease, error)
      return
    }
    await tools.transact((tx) => recordSent(tx, mailId, lease, tools.now(), afterSending(mail)))
    tools.count('mails', { result: 'sent' })
  }

  async function giveBack(mail: Mail, lease: string, error: unknown): Promise<void> {
    const { responseCode, message } = error as { responseCode?: number; message: string }
    const again = nextAttempt(mail.attempts, responseCode, tools.now(), Math.random())
    log.warn(
      { mailId: mail.mailId, kind: mail.kind, attempts: mail.attempts, reason: message, again },
      'mail not sent',
    )
    tools.count('mails', { result: again ? 'postponed' : 'failed' })
    await tools.transact(async (tx) => {
      const mine = await recordFailure(
        tx,
        mail.mailId,
        lease,
        again ? 'queued' : 'failed',
        message.slice(0, 500),
      )
      if (mine && again) emit(tx, notifications, 'mail.due', { mailId: mail.mailId }, { at: again })
    })
  }

  function next(): void {
    while (!closed && running.size < config.MAIL_CONCURRENCY && waiting.length > 0) {
      const { mailId, lease } = waiting.shift()!
      const work: Promise<void> = deliver(mailId, lease)
        // The lease ends and the mail is taken up again: only the log has to know.
        .catch((error) => log.error({ err: error, mailId }, 'the outcome of a mail could not be recorded'))
        .finally(() => {
          running.delete(work)
          next()
        })
      running.add(work)
    }
  }

  return {
    hasRoom: () => waiting.length < config.MAIL_CONCURRENCY * QUEUE_PER_SENDER,
    hand: (mailId, lease) => {
      waiting.push({ mailId, lease })
      next()
    },
    close: async () => {
      closed = true
      await Promise.all(running)
      transport.close()
    },
  }
}
