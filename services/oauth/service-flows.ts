/** Begins flows, and ends them: what happens between the browser's leaving and its coming back. */
import type { Tools } from '@pleiad/platform/service'
import { emit } from '@pleiad/platform/service'
import { redirectUriOf } from './configurations.ts'
import { oauth } from './contract.ts'
import { authorizationUrl, FLOW_MS, type Flow, isMixUp, refusalOf, TICKET_MS } from './flows.ts'
import { ProviderTrouble } from './problems.ts'
import {
  type CallbackParameters,
  type Identity,
  type Purpose,
  type Tokens,
  withDefaults,
} from './provider.ts'
import type { Own } from './service-own.ts'
import { type Ready, watched } from './service-providers.ts'
import { eventOf, sealTokens } from './service-tokens.ts'
import { findAccount, findConnection, insertConnection, renewConnection } from './store-connections.ts'
import { insertFlow, noteAnswer } from './store-flows.ts'

export interface Beginning {
  readonly purpose: Purpose
  readonly stage: 'opened' | 'sent'
  readonly returnTo: string
  readonly endUserId?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly appState?: string | undefined
  readonly loginHint?: string | undefined
}

/** Notes a flow; the caller sends the browser on its way. */
export async function beginFlow(
  { sql, newId, now }: Pick<Tools, 'sql' | 'newId' | 'now'>,
  { configuration, provider }: Ready,
  beginning: Beginning,
): Promise<Flow> {
  const { scopes = [], appState, endUserId, loginHint } = beginning
  const configured = configuration.scopes.length > 0 ? configuration.scopes : provider.scopes
  const flow: Flow = {
    ...beginning,
    id: newId(),
    configurationId: configuration.id,
    projectId: configuration.projectId,
    environment: configuration.environment,
    // Who the person is must be known, whatever else is asked for.
    scopes: scopes.length > 0 ? [...new Set([...identityScopes(provider), ...scopes])] : configured,
    appState,
    endUserId,
    loginHint,
    postedUser: undefined,
    identity: undefined,
    connectionId: undefined,
    expiresAt: new Date(now().getTime() + FLOW_MS),
  }
  await insertFlow(sql, flow)
  return flow
}

/** A flow of its own scopes still has to learn who the person is. */
function identityScopes({ kind, scopes }: Ready['provider']): readonly string[] {
  return kind === 'openid' ? ['openid'] : scopes
}

/** The address at the provider for a flow. Rejects with a `ProviderTrouble` when its metadata cannot be had. */
export async function leadToProvider(
  tools: Tools,
  own: Own,
  { configuration, provider, client }: Ready,
  flow: Flow,
): Promise<string> {
  const settings = withDefaults(provider, client.settings)
  const metadata =
    provider.kind === 'signed'
      ? undefined
      : await watched(tools, configuration, 'discovery', () => own.discovery.metadataOf(provider, settings))
  return authorizationUrl(provider, { ...client, settings }, flow, {
    authorization: metadata?.endpoints.authorization ?? '',
    redirectUri: redirectUriOf(tools.publicUrl, configuration.handle),
    key: own.flowKey,
  })
}

/** Tells whose page began a sign-in that it came to nothing. Nobody waits for it: the browser is on its way already. */
export async function tellFailure(
  tools: Pick<Tools, 'transact' | 'log'>,
  { configuration }: Pick<Ready, 'configuration'>,
  flow: Pick<Flow, 'purpose' | 'returnTo'>,
  reason: string,
): Promise<void> {
  if (flow.purpose !== 'signIn') return
  const { projectId, environment, provider } = configuration
  try {
    await tools.transact(async (tx) =>
      emit(tx, oauth, 'oauth.signin.failed', {
        projectId,
        environment,
        provider,
        reason,
        returnPath: flow.returnTo,
      }),
    )
  } catch (error) {
    tools.log.warn({ err: error }, 'the failure of a sign-in was not told')
  }
}

/** What came of a flow: the connection, and whether it was there already. */
export interface Finished {
  readonly connectionId: string
}

/** Goes through everything that an answer has to pass, and keeps what the provider gave. Rejects with a `ProviderTrouble`. */
export async function finishFlow(
  tools: Tools,
  own: Own,
  ready: Ready,
  flow: Flow,
  parameters: CallbackParameters,
): Promise<Finished> {
  const { configuration, provider, client } = ready
  const { tokens, identity } =
    provider.kind === 'signed'
      ? { tokens: undefined, identity: readSigned(ready, parameters, tools.now()) }
      : await watched(tools, configuration, 'code', async () => {
          const settings = withDefaults(provider, client.settings)
          const metadata = await own.discovery.metadataOf(provider, settings)
          const fits = (issuer: string) =>
            provider.issuerFits !== undefined && metadata.issuer!.includes('{') && issuer !== ''
          if (isMixUp(parameters['iss'], { issuer: metadata.issuer, promised: metadata.issPromised }, fits))
            throw new ProviderTrouble('mixUp', { forGood: true })
          const refusal = refusalOf(parameters)
          // The person's own decision is no failure of the provider.
          if (refusal)
            throw new ProviderTrouble(refusal, { detail: wordsOf(parameters), forGood: refusal === 'denied' })
          const { code } = parameters
          if (!code)
            throw new ProviderTrouble('answerNotRight', { detail: 'neither code nor error', forGood: true })
          return own.exchange.redeemCode(
            provider,
            client,
            code,
            {
              id: flow.id,
              redirectUri: redirectUriOf(tools.publicUrl, configuration.handle),
              key: own.flowKey,
            },
            flow.postedUser === undefined ? parameters : { ...parameters, user: flow.postedUser },
          )
        })
  return { connectionId: await keepAnswer(tools, own, ready, flow, identity, tokens) }
}

function wordsOf({ error, error_description }: CallbackParameters): string {
  return `${error} ${error_description ?? ''}`
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, 160)
    .trim()
}

function readSigned({ provider, client }: Ready, parameters: CallbackParameters, now: Date): Identity {
  try {
    return provider.readSigned!(parameters, client, now)
  } catch (error) {
    const code = (error as Error).message === 'age' ? 'signedDataOld' : 'signatureInvalid'
    throw new ProviderTrouble(code)
  }
}

/** A connect session's connection is the end user's at once; that of a sign-in waits until it is claimed. */
async function keepAnswer(
  tools: Tools,
  own: Own,
  { configuration }: Ready,
  flow: Flow,
  identity: Identity,
  tokens: Tokens | undefined,
): Promise<string> {
  const { endUserId } = flow
  for (let attempt = 1; ; attempt++) {
    const known =
      endUserId === undefined
        ? undefined
        : await findAccount(tools.sql, configuration.id, identity.subject, endUserId)
    const id = known?.id ?? tools.newId()
    try {
      await tools.transact(async (tx) => {
        const sealed = await sealTokens(tools, id, tokens, flow.scopes)
        if (known) await renewConnection(tx, id, identity, sealed, configuration.epoch, tools.now())
        else
          await insertConnection(
            tx,
            {
              id,
              configurationId: configuration.id,
              projectId: flow.projectId,
              environment: flow.environment,
              provider: configuration.provider,
              purpose: flow.purpose,
              endUserId,
              identity,
              tokens: sealed,
              epoch: configuration.epoch,
            },
            tools.now(),
          )
        await noteAnswer(tx, flow.id, identity, id, new Date(tools.now().getTime() + TICKET_MS))
        const row = endUserId === undefined ? undefined : await findConnection(tx, id)
        if (row)
          emit(tx, oauth, 'oauth.connection.created', {
            ...eventOf(row),
            purpose: flow.purpose,
            again: known !== undefined,
          })
        tx.afterCommit(() => own.changed(id))
      })
      return id
    } catch (error) {
      // The same account was connected in another tab at the same moment: now it is there.
      if ((error as { code?: string }).code !== 'conflict' || attempt === 3) throw error
    }
  }
}
