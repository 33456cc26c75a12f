/** A sign-in that a browser is in the middle of: finding it, and ending it well or badly. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { oidc } from './contract.ts'
import type { Issuer } from './issuers.ts'
import { modelId } from './secrets.ts'
import { type Counted, forget } from './service-attempts.ts'
import type { Live } from './service-issuers.ts'
import type { AnyCall, Own } from './service-own.ts'
import { personOf } from './service-people.ts'

import { currentUnit, inUnit } from './service-unit.ts'
import { type EndUserRow, insertIdentity, lockEndUser, touchSignIn } from './store-endusers.ts'
import { countSignIn, findPending, takePending } from './store-signin.ts'

type Interaction = Awaited<ReturnType<Live['provider']['interactionDetails']>>

export interface SignIn {
  readonly issuer: Issuer
  readonly live: Live
  readonly interaction: Interaction
  readonly appId: string
  /** What waits for a proof in this sign-in is kept under this. */
  readonly pendingId: Buffer
}

type Failing<Code extends string> = AnyCall & {
  readonly params: { readonly handle: string }
  readonly fail: (code: Code, detail?: string, extensions?: Record<string, unknown>) => never
}

export async function issuerAt(call: Failing<'issuerUnknown'>, own: Own): Promise<Issuer> {
  const issuer = await own.issuerByHandle(call.params.handle)
  return issuer && !issuer.archived ? issuer : call.fail('issuerUnknown')
}

/** The browser's cookies as oidc-provider reads them. What it sets comes back in `set`. */
export function rawOf(call: AnyCall): { req: IncomingMessage; res: ServerResponse; set: () => string[] } {
  const { host, protocol } = new URL(call.publicUrl)
  const headers: Record<string, unknown> = {}
  const cookie = Object.entries(call.request.cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  const req = {
    method: 'GET',
    url: '/',
    headers: { host, cookie, 'x-forwarded-proto': protocol.slice(0, -1) },
    socket: { remoteAddress: call.request.ip },
  }
  const res = {
    headersSent: false,
    getHeader: (name: string) => headers[name.toLowerCase()],
    setHeader: (name: string, value: unknown) => {
      headers[name.toLowerCase()] = value
    },
  }
  const set = () => [headers['set-cookie'] ?? []].flat() as string[]
  return { req: req as unknown as IncomingMessage, res: res as unknown as ServerResponse, set }
}

/** The sign-in of this page, if the browser that asks is the one that began it. */
export async function signInAt(
  call: Failing<'issuerUnknown' | 'signInGone'> & { readonly params: { readonly uid: string } },
  own: Own,
): Promise<SignIn> {
  const issuer = await issuerAt(call, own)
  const live = await own.issuers.live(issuer)
  const { req, res } = rawOf(call)
  const { uid } = call.params
  let interaction: Interaction
  try {
    interaction = await live.provider.interactionDetails(req, res)
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return call.fail('signInGone')
    throw error
  }
  if (interaction.uid !== uid || interaction.result) return call.fail('signInGone')
  return {
    issuer,
    live,
    interaction,
    appId: String(interaction.params['client_id']),
    pendingId: modelId(issuer.issuerId, 'pending', uid),
  }
}

/** The session of the issuer in this browser, signed in or not. */
export async function sessionAt(call: AnyCall, live: Live) {
  const { req, res, set } = rawOf(call)
  const ctx = live.provider.createContext(req, res) as KoaContextWithOIDC
  const session = await live.provider.Session.get(ctx)
  return { ctx, session, set }
}

export interface Proof {
  readonly method: string
  /** RFC 8176. */
  readonly amr: readonly string[]
}

type Step =
  | { readonly step: 'continue'; readonly url: string }
  | { readonly step: 'enterCode'; readonly email: string }
  | { readonly step: 'link'; readonly email: string; readonly provider: string }

/**
 * Lets a person in: statistics, event, and the link to an account at a provider that waited for this proof. `also` runs in the
 * same transaction.
 */
export async function letIn(
  call: AnyCall & { readonly fail: (code: 'signInRefused') => never },
  own: Own,
  signIn: SignIn,
  endUserId: string,
  proof: Proof,
  counted: Counted,
  also: (tx: Tx) => Promise<void> = async () => {},
): Promise<Step> {
  const { issuer, interaction } = signIn
  const attached = await call.transact(async (tx) => {
    await also(tx)
    const person = await lockEndUser(tx, issuer.issuerId, endUserId)
    if (person?.state !== 'active') return call.fail('signInRefused')
    await forget(tx, counted)
    const connection = await linkPending(tx, call, signIn, person)
    await touchSignIn(tx, endUserId, call.now())
    await countSignIn(
      tx,
      { issuerId: issuer.issuerId, outcome: 'success', method: proof.method, reason: '' },
      call.now(),
    )
    emit(tx, oidc, 'enduser.signedin', {
      ...personOf(issuer, endUserId),
      appId: signIn.appId,
      method: proof.method,
    })
    return connection
  })
  if (attached) await own.attach(attached, endUserId)
  call.count('oidc_sign_ins_total', { outcome: 'success', method: kindOf(proof.method) })
  interaction.result = { login: { accountId: endUserId, amr: [...proof.amr], remember: true } }
  return { step: 'continue', url: await save(own, signIn) }
}

/** Keeps the result of a sign-in and says where the browser goes on. */
export async function save(own: Own, { interaction }: SignIn): Promise<string> {
  const work = () => interaction.save(interaction.exp - Math.floor(Date.now() / 1000)).then(() => {})
  if (currentUnit()) await work()
  else await inUnit(own, { ip: '' }, work)
  return interaction.returnTo
}

/** The account at the provider whose owner just proved the account here as well. Returns its connection. */
async function linkPending(
  tx: Tx,
  call: AnyCall,
  { issuer, pendingId }: SignIn,
  person: EndUserRow,
): Promise<string | undefined> {
  const pending = await findPending(tx, pendingId, 'link', call.now())
  if (!pending) return undefined
  await takePending(tx, pendingId, 'link')
  // Signed in as somebody else: the proof is of another account, nothing is linked.
  if (pending.endUserId !== person.end_user_id) return undefined
  const data = pending.data as Record<'provider' | 'subject' | 'email' | 'name' | 'connectionId', string>
  const linked = await insertIdentity(tx, {
    id: call.newId(),
    end_user_id: person.end_user_id,
    issuer_id: issuer.issuerId,
    provider: data.provider,
    subject: data.subject,
    email: data.email || null,
    name: data.name || null,
    connection_id: data.connectionId || null,
    linked_at: call.now(),
  })
  return linked?.connection_id ?? undefined
}

/** Counts a failure and tells of it, without saying who tried. */
export async function recordFailure(
  call: AnyCall,
  issuer: Issuer,
  appId: string,
  method: string,
  reason: string,
): Promise<void> {
  await call.transact((tx) => noteFailure(call, tx, issuer, appId, method, reason))
}

/** The same in a transaction that is open already. */
export async function noteFailure(
  tools: Pick<Tools, 'count' | 'now'>,
  tx: Tx,
  issuer: Issuer,
  appId: string,
  method: string,
  reason: string,
): Promise<void> {
  await countSignIn(tx, { issuerId: issuer.issuerId, outcome: 'failure', method, reason }, tools.now())
  const { projectId, environment } = issuer
  emit(tx, oidc, 'enduser.signin.failed', { projectId, environment, appId, method, reason })
  tx.afterCommit(() => tools.count('oidc_sign_ins_total', { outcome: 'failure', method: kindOf(method) }))
}

/** Keys of providers are the projects' own words: metrics count them together. */
function kindOf(method: string): string {
  return ['password', 'passkey', 'signUp'].includes(method) ? method : 'provider'
}
