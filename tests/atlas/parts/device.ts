/** A program on a device without a browser (RFC 8628), written with openid-client: shows a code and waits. */
import * as client from 'openid-client'
import { answering } from './process.ts'

const { ISSUER = '', CLIENT_ID = '' } = process.env
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})

let waiting: Promise<unknown> | undefined
answering('', {
  begin: async () => {
    const started = await client.initiateDeviceAuthorization(config, { scope: 'openid profile email' })
    waiting = client.pollDeviceAuthorizationGrant(config, { ...started, interval: 1 }).then(
      (tokens) => tokens.claims(),
      (error) => ({ error: error.error ?? String(error) }),
    )
    return { userCode: started.user_code, address: started.verification_uri }
  },
  /** Who signed in, or why nobody did. */
  wait: () => waiting,
})
