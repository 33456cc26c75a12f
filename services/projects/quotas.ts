/** Quotas: how many there may be of something; 0 means any number. */

/** Whether one more would be too many. */
export function isFull(limit: number, used: number): boolean {
  return limit > 0 && used >= limit
}
