/** What lives as long as the process: settings, keys, the hashing queue, the signing keys. */
import { type Static, Type } from '@pleiad/platform/contract'
import { type RelyingParty, relyingParty } from '@pleiad/platform/passkeys'
import { type Hashing, hashingSettings, openHashing } from '@pleiad/platform/passwords'
import type { Answer, Caller, RequestInfo, Tools } from '@pleiad/platform/service'
import { tellHolders } from './service-administration.ts'
import { createKeyring, KEYS_CHANGED, type Keyring, rotate } from './service-keyring.ts'
import { createSealing, type Sealing } from './service-sealing.ts'
import { claimTelling } from './store-roles.ts'
import { keyedHash } from './tokens.ts'

export const settings = Type.Object({
  AUTH_SIGN_UP: Type.Union([Type.Literal('confirm'), Type.Literal('immediate'), Type.Literal('closed')], {
    default: 'confirm',
    description:
      'confirm: accounts begin when the address is confirmed, and registering tells nobody who has an account; immediate: signed in at once, which does tell; closed: only administrators import accounts',
  }),
  AUTH_SESSION_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 180,
    description: 'Days until a session ends that is not used; at most 180 however much it is used',
  }),
  ...hashingSettings,
})

export type Settings = Static<typeof settings>

export interface Own {
  readonly settings: Settings
  readonly idleMs: number
  readonly hashing: Hashing
  readonly keyring: Keyring
  readonly sealing: Sealing
  readonly rp: RelyingParty
  readonly keys: {
    readonly refresh: Buffer
    readonly codes: Buffer
    readonly throttle: Buffer
    readonly setup: Buffer
    readonly pseudonym: Buffer
  }
  /** Every permission that some contract of the installation declares. */
  readonly permissions: readonly { readonly name: string; readonly description: string }[]
}

/** What helpers use of the call of any operation. */
export type AnyCall = Tools & {
  readonly request: RequestInfo
  readonly answer: Answer
  readonly caller?: Caller | undefined
}

export async function start(tools: Tools<Settings>): Promise<Own> {
  const { config } = tools
  const sealing = createSealing(tools)
  await tools.transact((tx) => rotate(tx, sealing, tools.now()))
  await tools.transact(async (tx) => {
    if (await claimTelling(tx)) await tellHolders(tx)
  })
  const keyring = createKeyring(tools.sql, sealing, tools.publicUrl)
  tools.onBroadcast(KEYS_CHANGED, () => keyring.forget())
  return {
    settings: config,
    idleMs: config.AUTH_SESSION_DAYS * 86_400_000,
    hashing: await openHashing(config),
    keyring,
    sealing,
    rp: relyingParty(tools.publicUrl, 'Pleiad'),
    keys: {
      refresh: tools.deriveKey('refresh tokens'),
      codes: tools.deriveKey('recovery codes'),
      throttle: tools.deriveKey('throttles'),
      setup: tools.deriveKey('setup'),
      pseudonym: tools.deriveKey('pseudonyms'),
    },
    permissions: tools.services
      .flatMap(({ contract }) => Object.entries(contract.permissions ?? {}))
      .map(([name, description]) => ({ name, description }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** The code that makes its bearer the first administrator. Another one after every claim. */
export function setupCode(own: Own, generation: number): string {
  return keyedHash(own.keys.setup, String(generation)).toString('base64url').slice(0, 24)
}
