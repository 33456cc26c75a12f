/**
 * Client credentials, the grant that programs ask for all the time, in its plainest form: a secret for an opaque token.
 * It is answered here as oidc-provider would, without its stack; anything else about a request is left to oidc-provider.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Issuer } from './issuers.ts'
import { modelId } from './secrets.ts'
import { secretMatches } from './service-clients.ts'
import { credentialsOf, formOf, sendJson } from './service-forms.ts'
import type { Own } from './service-own.ts'

const plain = new Set(['grant_type', 'client_id', 'client_secret'])

/** True when it answered. */
export async function answerMachine(
  own: Own,
  issuer: Issuer,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<boolean> {
  if (request.headers['dpop'] !== undefined || request.headers.origin !== undefined) return false
  const form = formOf(request, body)
  if (form?.get('grant_type') !== 'client_credentials') return false
  for (const name of form.keys()) if (!plain.has(name)) return false
  const credentials = credentialsOf(request.headers.authorization, form)
  if (!credentials || credentials === 'twice') return false
  const app = await own.app(issuer.issuerId, credentials.appId)
  if (!app || !(app.kind === 'machine' || app.kind === 'web') || app.settings.requireDpop) return false
  if ((form.get('client_id') ?? app.appId) !== app.appId) return false
  if (!(await secretMatches(own, issuer, app.appId, credentials.secret))) return false

  const value = randomBytes(32).toString('base64url')
  const expiresIn = app.settings.accessTokenSeconds
  const now = own.tools.now()
  // Tokens tell their times by the clock that oidc-provider reads as well.
  const iat = Math.floor(Date.now() / 1000)
  const payload = {
    iat,
    exp: iat + expiresIn,
    kind: 'ClientCredentials',
    clientId: app.appId,
    format: 'opaque',
  }
  await own.batches.insert({
    id: modelId(issuer.issuerId, 'ClientCredentials', value),
    row: {
      issuerId: issuer.issuerId,
      model: 'ClientCredentials',
      appId: app.appId,
      grantId: null,
      endUserId: null,
      uid: null,
      userCode: null,
      ip: '',
      userAgent: '',
      payload,
      now,
      expiresAt: new Date(now.getTime() + expiresIn * 1000),
    },
  })
  own.tools.count('oidc_grants_total', { grant: 'client_credentials' })
  sendJson(response, 200, `{"access_token":"${value}","expires_in":${expiresIn},"token_type":"Bearer"}`)
  return true
}
