/**
 * Signs in at an issuer as an app would, and shows what the app gets: `/try/$handle?app=`. The real flow, with the
 * protocol library that the project's own programs could use.
 */
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import * as oauth from 'oauth4webapi'
import { useTranslation } from 'react-i18next'
import { CodeBlock } from '../parts/code-block.tsx'
import { Waiting } from '../parts/states.tsx'
import { Refused } from '../sign/frame.tsx'
import { HostedPage } from './layout.tsx'

const route = getRouteApi('/try/$handle')
const KEPT = 'pleiad.try'

interface Pending {
  readonly app: string
  readonly verifier: string
  readonly state: string
  readonly nonce: string
}

interface Outcome {
  readonly claims: object
  readonly userinfo: object
  readonly granted: object
  readonly signOut: string | undefined
}

/** http only where the page itself came over it, as on a laptop. */
const options = { [oauth.allowInsecureRequests]: window.location.protocol === 'http:' }

async function discover(issuer: URL): Promise<oauth.AuthorizationServer> {
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
}

/** Leaves for the issuer. */
async function begin(issuer: URL, app: string, redirectUri: string): Promise<never> {
  const server = await discover(issuer)
  const pending: Pending = {
    app,
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  }
  sessionStorage.setItem(KEPT, JSON.stringify(pending))
  const url = new URL(server.authorization_endpoint!)
  url.search = new URLSearchParams({
    client_id: app,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    prompt: 'login',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
  }).toString()
  window.location.assign(url)
  return new Promise(() => {})
}

/** Redeems what the issuer sent back. */
async function finish(issuer: URL, answer: URL, redirectUri: string): Promise<Outcome> {
  const kept = sessionStorage.getItem(KEPT)
  if (!kept) throw new Error('no sign-in is under way in this tab')
  sessionStorage.removeItem(KEPT)
  const pending: Pending = JSON.parse(kept)
  const server = await discover(issuer)
  const app: oauth.Client = { client_id: pending.app }
  const parameters = oauth.validateAuthResponse(server, app, answer, pending.state)
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    app,
    oauth.None(),
    parameters,
    redirectUri,
    pending.verifier,
    options,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, app, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  })
  const claims = oauth.getValidatedIdTokenClaims(tokens)!
  const info = await oauth.userInfoRequest(server, app, tokens.access_token, options)
  const userinfo = await oauth.processUserInfoResponse(server, app, claims.sub, info)
  const signOut = server.end_session_endpoint ? new URL(server.end_session_endpoint) : undefined
  if (signOut)
    signOut.search = new URLSearchParams({
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: redirectUri,
    }).toString()
  const { access_token: _, id_token: __, refresh_token: ___, ...granted } = tokens
  return { claims, userinfo, granted, signOut: signOut?.href }
}

export function TryPage() {
  const { t } = useTranslation()
  const { handle } = route.useParams()
  const { app } = route.useSearch()
  const redirectUri = `${window.location.origin}/try/${handle}`
  const outcome = useQuery({
    queryKey: ['hosted', 'try', handle],
    queryFn: async () => {
      const issuer = new URL(`${window.location.origin}/oidc/${handle}`)
      const answer = new URL(window.location.href)
      const answered = answer.searchParams.has('code') || answer.searchParams.has('error')
      if (answered) return finish(issuer, answer, redirectUri)
      return app ? begin(issuer, app, redirectUri) : null
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  if (outcome.isPending)
    return (
      <HostedPage brand={undefined} title={t('hosted.try.title')}>
        <Waiting rows={3} />
      </HostedPage>
    )
  if (outcome.isError)
    return (
      <HostedPage brand={undefined} title={t('hosted.try.title')}>
        <Refused words={{ title: t('hosted.try.failed'), detail: outcome.error.message }} />
      </HostedPage>
    )
  if (!outcome.data)
    return (
      <HostedPage brand={undefined} title={t('hosted.try.signedOut')}>
        <Text ta="center">{t('hosted.try.signedOutAbout')}</Text>
      </HostedPage>
    )
  const { claims, userinfo, granted, signOut } = outcome.data
  return (
    <HostedPage brand={undefined} wide title={t('hosted.try.done')} about={t('hosted.try.doneAbout')}>
      <Stack>
        {(
          [
            ['claims', claims],
            ['userinfo', userinfo],
            ['granted', granted],
          ] as const
        ).map(([name, value]) => (
          <section key={name} className="panel" style={{ padding: 16 }}>
            <Title order={2} fz="1rem" mb="xs">
              {t(`hosted.try.${name}`)}
            </Title>
            <CodeBlock text={JSON.stringify(value, null, 2)} />
          </section>
        ))}
        {signOut && (
          <Group>
            <Button variant="default" component="a" href={signOut}>
              {t('shell.signOut')}
            </Button>
          </Group>
        )}
      </Stack>
    </HostedPage>
  )
}
