/** A server on Express. */
import { loginOf, type Program, quote, withSecret } from './facts.ts'

export const node: Program = ({
  issuer,
  appId,
  secret,
  redirectUri,
}) => `// npm install openid-client express cookie-session
// ${withSecret(secret)}SESSION_SECRET=$(openssl rand -hex 32) node app.mjs
// Then open ${loginOf(redirectUri)}
import cookieSession from 'cookie-session'
import express from 'express'
import * as client from 'openid-client'

const issuer = new URL(${quote(issuer)})
const redirect_uri = ${quote(redirectUri)}
const config = await client.discovery(issuer, ${quote(appId)}, ${secret ? 'process.env.CLIENT_SECRET' : 'undefined, client.None()'}${issuer.startsWith('http:') ? `${secret ? ', undefined' : ''}, { execute: [client.allowInsecureRequests] }` : ''})

const app = express()
app.use(cookieSession({ name: 'session', secret: process.env.SESSION_SECRET, httpOnly: true, sameSite: 'lax' }))

app.get('/login', async (request, response) => {
  const code_verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  request.session.pending = { code_verifier, state }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
    state,
  })
  response.redirect(url.href)
})

app.get(new URL(redirect_uri).pathname, async (request, response) => {
  const { pending } = request.session
  if (!pending) return response.redirect('/login')
  const tokens = await client.authorizationCodeGrant(config, new URL(request.originalUrl, redirect_uri), {
    pkceCodeVerifier: pending.code_verifier,
    expectedState: pending.state,
  })
  request.session.pending = undefined
  response.json(tokens.claims())
})

app.listen(Number(new URL(redirect_uri).port) || 3000)
`
