/** What the gateway can be told. The platform's settings (`platform/service/platform-settings.ts`) hold these, parsed. */
import type { LimitSettings } from './limits.ts'

export interface GatewaySettings extends LimitSettings {
  /** Origins, besides our own, whose pages may call the API: comma-separated or a list. Default none. */
  readonly CORS_ORIGINS?: string | readonly string[] | undefined
  /**
   * Proxies whose `X-Forwarded-*` is believed: `true` (any), a number of hops, or addresses and CIDR ranges separated
   * by commas. Default none.
   */
  readonly TRUST_PROXY?: string | boolean | number | undefined
  /** Largest body in bytes. Default 1 MiB. */
  readonly BODY_LIMIT?: number | undefined
  /** Live connections one person may have. Default 20. */
  readonly REALTIME_CONNECTIONS?: number | undefined
}

export function listOf(value: string | readonly string[] | undefined): string[] {
  const items = typeof value === 'string' ? value.split(',') : (value ?? [])
  return items.map((item) => item.trim().replace(/\/$/, '')).filter((item) => item !== '')
}

/** Fastify's `trustProxy`. */
export function trustOf(value: string | boolean | number | undefined): boolean | number | string[] {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  const text = String(value).trim()
  if (text === '' || text === 'false' || text === '0') return false
  if (text === 'true') return true
  return /^\d+$/.test(text) ? Number(text) : listOf(text)
}
