/** Providers, through the oauth service: what is offered, beginning a flow, and who came back. */
import { Code, ConnectError } from '@connectrpc/connect'
import { SignIn as SignInRpc } from '@pleiad/oauth/rpc'
import type { Tools } from '@pleiad/platform/service'
import type { Issuer } from './issuers.ts'
import type { AnyCall } from './service-own.ts'

/** Providers people can choose now; none while oauth does not answer: other ways in must not depend on it. */
export async function offeredProviders(tools: Tools, issuer: Issuer) {
  try {
    const { providers } = await tools
      .rpc(SignInRpc)
      .listProviders({ projectId: issuer.projectId, environment: issuer.environment })
    return providers.map(({ key, name, icon }) => ({
      key,
      name,
      icon: { path: icon?.path ?? '', color: icon?.color ?? '' },
    }))
  } catch (error) {
    tools.log.warn({ err: error }, 'the list of providers cannot be read')
    return []
  }
}

type Failing = AnyCall & { readonly fail: (code: 'providerUnavailable', detail?: string) => never }

/** Where to send the browser; the cookie that binds the flow to it goes with the answer. */
export async function beginProvider(
  call: Failing,
  issuer: Issuer,
  flow: { provider: string; returnPath: string; purpose: 'sign_in' | 'link'; loginHint: string },
): Promise<{ url: string }> {
  try {
    const { url, cookie } = await call.rpc(SignInRpc).begin({
      projectId: issuer.projectId,
      environment: issuer.environment,
      ...flow,
    })
    call.answer.cookie(cookie)
    return { url }
  } catch (error) {
    throw translated(call, error)
  }
}

/** Who came back with a ticket; undefined when the ticket does not hold. */
export async function redeem(call: Failing, issuer: Issuer, ticket: string) {
  const cookieHeader = Object.entries(call.request.cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  try {
    const answer = await call.rpc(SignInRpc).redeem({
      ticket,
      projectId: issuer.projectId,
      environment: issuer.environment,
      cookieHeader,
    })
    return { ...answer, email: answer.email.trim().toLowerCase() }
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.NotFound) return undefined
    throw translated(call, error)
  }
}

/** Gives a connection to an end user. It is a convenience for apps: when it fails the person is signed in all the same. */
export async function attachConnection(tools: Tools, connectionId: string, endUserId: string): Promise<void> {
  try {
    await tools.rpc(SignInRpc).attach({ connectionId, endUserId })
  } catch (error) {
    tools.log.warn({ err: error, connectionId }, 'a connection could not be given to an end user')
  }
}

export async function detachConnection(tools: Tools, connectionId: string, endUserId: string): Promise<void> {
  try {
    await tools.rpc(SignInRpc).detach({ connectionId, endUserId })
  } catch (error) {
    tools.log.warn({ err: error, connectionId }, 'a connection could not be taken from an end user')
  }
}

const known = new Set([Code.NotFound, Code.FailedPrecondition, Code.Unavailable, Code.InvalidArgument])

function translated(call: Failing, error: unknown): unknown {
  // What has a cause was said by no service: oauth itself is not there.
  if (!(error instanceof ConnectError) || !known.has(error.code) || error.cause !== undefined) return error
  return call.fail('providerUnavailable', error.rawMessage)
}
