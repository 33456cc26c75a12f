/** The part of the list of connections that an address asks for. Apart from the page, as the routes load first. */
export const connectionStates = ['active', 'broken', 'revoked'] as const
/** What the server takes as an end user's id. */
export const idPattern = /^[\x21-\x7e]{1,200}$/
/** Ids that this installation gives. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const keyPattern = /^[a-z][a-z0-9-]{0,29}$/

export interface ConnectionFilter {
  state?: (typeof connectionStates)[number]
  provider?: string
  user?: string
}

/** What is not right is left out, so that a mistyped address shows the whole list. */
export function connectionFilter(search: Record<string, unknown>): ConnectionFilter {
  const state = connectionStates.find((one) => one === search['state'])
  const { provider, user } = search
  return {
    ...(state ? { state } : {}),
    ...(typeof provider === 'string' && keyPattern.test(provider) ? { provider } : {}),
    ...(typeof user === 'string' && idPattern.test(user) ? { user } : {}),
  }
}
