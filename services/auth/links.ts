/** Links in mails: what they are for, how long they work, where they lead. */

export type LinkPurpose = 'register' | 'verifyEmail' | 'resetPassword' | 'changeEmail'

const HOUR = 3_600_000

const lifetimes: Record<LinkPurpose, number> = {
  register: 24 * HOUR,
  verifyEmail: 24 * HOUR,
  resetPassword: HOUR,
  changeEmail: 24 * HOUR,
}

const pages: Record<LinkPurpose, string> = {
  register: 'verify-email',
  verifyEmail: 'verify-email',
  resetPassword: 'reset-password',
  changeEmail: 'confirm-email-change',
}

/** One mail a minute for one address and purpose. */
export const MAIL_PAUSE_MS = 60_000

export function linkExpiry(purpose: LinkPurpose, now: Date): Date {
  return new Date(now.getTime() + lifetimes[purpose])
}

/** The page of the web app. The token is behind `#`: it reaches no server log and no `Referer`. */
export function linkUrl(publicUrl: string, purpose: LinkPurpose, token: string): string {
  return `${publicUrl}/${pages[purpose]}#token=${token}`
}
