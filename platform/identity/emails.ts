/** Addresses are compared without case and in one Unicode spelling: this is how they are stored and looked up. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase()
}
