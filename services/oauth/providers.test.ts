/** Each provider of the catalogue against a server that answers as it does, with what is peculiar about it. */
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue, entryOf, providerNamed } from './providers/catalogue.ts'
import { answering, type Stub, startStub } from './testing-stub.ts'

let stub: Stub
beforeAll(async () => {
  stub = await startStub()
})
afterAll(() => stub?.stop())

const bearer = { access_token: 'access', token_type: 'bearer', expires_in: 3600 }
const last = (at: string) => stub.seen.filter((request) => request.at === at).at(-1)!

describe('the catalogue', () => {
  test('has every provider once, each with a sign, words and a link', () => {
    expect(new Set(catalogue.map(({ catalogue: name }) => name)).size).toBe(17)
    for (const entry of catalogue.map(entryOf)) {
      expect(entry.icon.path, entry.name).toMatch(/^[MmLlHhVvCcSsQqTtAaZz0-9 ,.e-]{20,}$/)
      expect(entry.icon.color, entry.name).toMatch(/^#[0-9a-f]{6}$/)
      expect(entry.documentation, entry.name).toMatch(/^https:\/\//)
      expect(entry.notes.length, entry.name).toBeGreaterThan(0)
    }
  })

  test('names only https endpoints', () => {
    for (const provider of catalogue.filter(({ generic }) => !generic)) {
      const endpoints = Object.values(
        provider.endpoints?.({ tenant: 'common', url: 'https://gitlab.com' }) ?? {},
      )
      for (const endpoint of endpoints) expect(endpoint, provider.name).toMatch(/^https:\/\//)
    }
  })
})

describe('Google', () => {
  const issuer = 'https://accounts.google.com'
  const record = async (claims: object) =>
    stub.record({
      'accounts.google.com/.well-known/openid-configuration': stub.metadata(issuer),
      'accounts.google.com/jwks': stub.keys,
      'accounts.google.com/token': async () => ({
        ...bearer,
        refresh_token: 'r',
        scope: 'openid email',
        id_token: await stub.idToken({
          iss: issuer,
          aud: 'the-client',
          sub: '1093',
          nonce: await stub.nonce(),
          email: 'anna@acme.example',
          email_verified: true,
          name: 'Anna',
          ...claims,
        }),
      }),
    })

  test('asks for offline access, and for consent only to connect: otherwise no refresh token comes', async () => {
    await record({})
    const { authorize } = stub.use('google')
    expect(Object.fromEntries((await authorize()).searchParams)).toMatchObject({
      access_type: 'offline',
      code_challenge_method: 'S256',
    })
    expect((await authorize()).searchParams.get('prompt')).toBeNull()
    expect((await authorize('connect')).searchParams.get('prompt')).toBe('consent')
  })

  test('lets only the Workspace domain in that is configured, whatever the chooser showed', async () => {
    const hosted = stub.use('google', { parameters: { hd: 'acme.example' } })
    await record({ hd: 'acme.example' })
    expect((await hosted.redeem()).identity).toMatchObject({ subject: '1093', emailVerified: true })
    await record({ hd: 'evil.example' })
    await expect(hosted.redeem()).rejects.toMatchObject({ code: 'profileNotRight' })
    await record({})
    await expect(hosted.redeem()).rejects.toMatchObject({ code: 'profileNotRight' })
  })
})

describe('Apple', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const apple = () =>
    stub.use('apple', {
      clientId: 'org.example.web',
      secret: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
      settings: { teamId: 'TEAM567890', keyId: 'KEY4567890' },
    })
  const record = () =>
    stub.record({
      'appleid.apple.com/auth/keys': stub.keys,
      'appleid.apple.com/auth/revoke': {},
      'appleid.apple.com/auth/token': async () => ({
        ...bearer,
        refresh_token: 'r',
        id_token: await stub.idToken({
          iss: 'https://appleid.apple.com',
          aud: 'org.example.web',
          sub: '000123.abc',
          nonce: await stub.nonce(),
          email: 'x7@privaterelay.appleid.com',
          email_verified: 'true',
        }),
      }),
    })

  test('wants a form post, and a client secret that is signed anew for each request', async () => {
    record()
    expect((await apple().authorize()).searchParams.get('response_mode')).toBe('form_post')
    await apple().redeem()
    const secret = last('appleid.apple.com/auth/token').form['client_secret']!
    expect(decodeProtectedHeader(secret)).toMatchObject({ alg: 'ES256', kid: 'KEY4567890' })
    const { payload } = await jwtVerify(secret, publicKey, {
      issuer: 'TEAM567890',
      audience: 'https://appleid.apple.com',
      subject: 'org.example.web',
    })
    expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(300)
    expect(last('appleid.apple.com/auth/token').form['code_verifier']).toBeUndefined()
  })

  test('tells the name with the first sign-in only, and flags as text', async () => {
    record()
    const user = JSON.stringify({ name: { firstName: 'Anna', lastName: 'K' } })
    expect((await apple().redeem({ user })).identity).toEqual({
      subject: '000123.abc',
      email: 'x7@privaterelay.appleid.com',
      emailVerified: true,
      name: 'Anna K',
    })
    expect((await apple().redeem()).identity.name).toBeUndefined()
    expect((await apple().redeem({ user: 'not JSON' })).identity.subject).toBe('000123.abc')
  })

  test('a key that is none is told as such', async () => {
    record()
    const { provider, client } = apple()
    await expect(
      stub.exchange.refresh(provider, { ...client, secret: 'no key' }, 'r', {}),
    ).rejects.toMatchObject({ code: 'secretUnusable' })
  })
})

describe('Microsoft', () => {
  const tenant = 'aaaaaaaa-0000-4000-8000-000000000001'
  const personal = '9188040d-6c67-4c5b-b112-36a304b66dad'
  const host = 'login.microsoftonline.com'
  const record = (
    configured: string,
    tid: string,
    iss = `https://${host}/${tid}/v2.0`,
    claims: object = {},
  ) =>
    stub.record({
      [`${host}/${configured}/v2.0/.well-known/openid-configuration`]: stub.metadata(
        `https://${host}/${configured}/v2.0`,
        /^(common|organizations|consumers)$/.test(configured)
          ? `https://${host}/{tenantid}/v2.0`
          : `https://${host}/${tenant}/v2.0`,
      ),
      [`${host}/${configured}/v2.0/jwks`]: stub.keys,
      [`${host}/${configured}/v2.0/token`]: async () => ({
        ...bearer,
        id_token: await stub.idToken({
          iss,
          tid,
          aud: 'the-client',
          sub: 'pairwise',
          nonce: await stub.nonce(),
          email: 'ceo@victim.example',
          name: 'Anna',
          ...claims,
        }),
      }),
    })
  const redeem = (configured: string) => stub.use('microsoft', { settings: { tenant: configured } }).redeem()

  test('is believed only about the tenant that is configured', async () => {
    record('common', tenant)
    expect((await redeem('common')).identity.subject).toBe('pairwise')
    record('common', tenant, `https://${host}/${personal}/v2.0`)
    await expect(redeem('common')).rejects.toMatchObject({ code: 'issuerDiffers' })
    record('organizations', personal)
    await expect(redeem('organizations')).rejects.toMatchObject({ code: 'issuerDiffers' })
    record('consumers', tenant)
    await expect(redeem('consumers')).rejects.toMatchObject({ code: 'issuerDiffers' })
    record(tenant, tenant)
    expect((await redeem(tenant)).identity.subject).toBe('pairwise')
    record(tenant, 'bbbbbbbb-0000-4000-8000-000000000002')
    await expect(redeem(tenant)).rejects.toMatchObject({ code: 'issuerDiffers' })
    record('common', tenant, 'https://evil.example')
    await expect(redeem('common')).rejects.toMatchObject({ code: 'issuerDiffers' })
  })

  test('does not verify addresses unless it says so', async () => {
    record('common', tenant)
    expect((await redeem('common')).identity).toMatchObject({
      email: 'ceo@victim.example',
      emailVerified: false,
    })
    record('common', tenant, undefined, { xms_edov: '1' })
    expect((await redeem('common')).identity.emailVerified).toBe(true)
  })
})

describe('GitHub', () => {
  const emails = [
    { email: 'old@example.org', primary: false, verified: true },
    { email: 'anna@example.org', primary: true, verified: true },
    { email: 'new@example.org', primary: false, verified: false },
  ]
  const user = {
    id: 583231,
    login: 'anna',
    name: null,
    email: null,
    avatar_url: 'https://avatars.example/u/1',
  }

  test('keeps the address in a list, the scopes behind commas, and errors behind 200', async () => {
    stub.record({
      'github.com/login/oauth/access_token': {
        access_token: 'gho_x',
        token_type: 'bearer',
        scope: 'read:user,user:email',
      },
      'api.github.com/user': user,
      'api.github.com/user/emails': emails,
    })
    const { tokens, identity } = await stub.use('github').redeem()
    expect(identity).toEqual({
      subject: '583231',
      email: 'anna@example.org',
      emailVerified: true,
      name: 'anna',
      picture: 'https://avatars.example/u/1',
    })
    // Tokens of OAuth apps have no end.
    expect(tokens).toMatchObject({
      scopes: ['read:user', 'user:email'],
      expiresIn: undefined,
      refreshToken: undefined,
    })
    expect(last('api.github.com/user').headers['user-agent']).toBe('Pleiad')

    stub.record({ 'github.com/login/oauth/access_token': { error: 'bad_verification_code' } })
    await expect(stub.use('github').redeem()).rejects.toMatchObject({ code: 'codeRefused' })
    stub.record({ 'github.com/login/oauth/access_token': { error: 'incorrect_client_credentials' } })
    await expect(stub.use('github').redeem()).rejects.toMatchObject({ code: 'secretWrong' })
    stub.record({ 'github.com/login/oauth/access_token': { error: 'bad_refresh_token' } })
    await expect(stub.use('github').refresh()).rejects.toMatchObject({ forGood: true })
  })

  test('signs in without the scope for addresses, as not verified', async () => {
    stub.record({
      'github.com/login/oauth/access_token': { access_token: 'gho_x', token_type: 'bearer', scope: '' },
      'api.github.com/user': { ...user, email: 'public@example.org' },
      'api.github.com/user/emails': answering(404, { message: 'Not Found' }),
    })
    expect((await stub.use('github').redeem()).identity).toMatchObject({
      email: 'public@example.org',
      emailVerified: false,
    })
  })

  test('revokes through its own API, as the app', async () => {
    stub.record({ 'api.github.com/applications/the-client/token': answering(204, {}) })
    await stub.use('github').revoke()
    const request = stub.seen.at(-1)!
    expect(request).toMatchObject({ method: 'DELETE', text: '{"access_token":"access"}' })
    expect(request.headers.authorization).toBe(
      `Basic ${Buffer.from('the-client:the-secret').toString('base64')}`,
    )
  })
})

describe('GitLab', () => {
  test('is found where it runs, and replaces refresh tokens', async () => {
    const issuer = 'https://git.acme.example'
    stub.record({
      'git.acme.example/.well-known/openid-configuration': stub.metadata(issuer),
      'git.acme.example/token': { ...bearer, expires_in: 7200, refresh_token: 'second', created_at: 1 },
    })
    const own = stub.use('gitlab', { settings: { url: `${issuer}/` } })
    expect((await own.authorize()).origin).toBe(issuer)
    expect(await own.refresh()).toMatchObject({ refreshToken: 'second', expiresIn: 7200 })
    expect(own.provider.refresh).toBe('rotated')
    stub.record({ 'gitlab.com/.well-known/openid-configuration': stub.metadata('https://gitlab.com') })
    expect((await stub.use('gitlab').authorize()).origin).toBe('https://gitlab.com')
  })
})

describe('Yandex', () => {
  test('has a scheme of its own, and verifies only its own mailboxes', async () => {
    const info = { id: '1000034426', login: 'ivan', real_name: 'Ivan Ivanov', default_avatar_id: '131652443' }
    const record = (email: string) =>
      stub.record({
        'oauth.yandex.ru/token': { ...bearer, refresh_token: 'r' },
        'login.yandex.ru/info': { ...info, is_avatar_empty: false, default_email: email },
      })
    record('ivan@yandex.ru')
    expect((await stub.use('yandex').redeem()).identity).toEqual({
      subject: '1000034426',
      email: 'ivan@yandex.ru',
      emailVerified: true,
      name: 'Ivan Ivanov',
      picture: 'https://avatars.yandex.net/get-yapic/131652443/islands-200',
    })
    expect(last('login.yandex.ru/info').headers.authorization).toBe('OAuth access')
    record('ivan@yandex.ru.evil.example')
    expect((await stub.use('yandex').redeem()).identity.emailVerified).toBe(false)
  })
})

describe('VK', () => {
  test('repeats the device id of the redirect in every token request', async () => {
    stub.record({
      'id.vk.com/oauth2/auth': {
        ...bearer,
        refresh_token: 'vk2.r',
        user_id: 1234567890,
        state: 's',
        scope: 'email',
      },
      'id.vk.com/oauth2/user_info': {
        user: {
          user_id: '1234567890',
          first_name: 'Ivan',
          last_name: 'I.',
          email: 'ivan@example.org',
          verified: true,
        },
      },
    })
    const vk = stub.use('vk')
    expect((await vk.authorize()).searchParams.get('code_challenge_method')).toBe('S256')
    const { tokens, identity } = await vk.redeem({ device_id: 'device-1' })
    expect(last('id.vk.com/oauth2/auth').form).toMatchObject({
      device_id: 'device-1',
      grant_type: 'authorization_code',
    })
    expect(last('id.vk.com/oauth2/user_info')).toMatchObject({
      method: 'POST',
      form: { access_token: 'access', client_id: 'the-client' },
    })
    expect(tokens.extra).toEqual({ device_id: 'device-1' })
    expect(identity).toMatchObject({ subject: '1234567890', name: 'Ivan I.', emailVerified: false })
    await vk.refresh({ device_id: 'device-1' })
    expect(last('id.vk.com/oauth2/auth').form).toMatchObject({
      device_id: 'device-1',
      refresh_token: 'the-refresh-token',
    })
  })
})

describe('Telegram', () => {
  const token = '4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcR'
  const { provider, client } = {
    provider: providerNamed('telegram')!,
    client: { clientId: '4839574812', secret: token, settings: {}, parameters: {} },
  }
  const now = new Date('2026-11-21T12:00:00Z')
  function signed(fields: Record<string, string>, secret = token) {
    const lines = Object.keys(fields)
      .sort()
      .map((name) => `${name}=${fields[name]}`)
      .join('\n')
    const key = createHash('sha256').update(secret).digest()
    return { ...fields, hash: createHmac('sha256', key).update(lines).digest('hex') }
  }
  const fields = {
    id: '42',
    first_name: 'Anna',
    username: 'anna',
    auth_date: String(now.getTime() / 1000 - 10),
  }

  test('signs its data with the bot token; changed, foreign or old data is refused', () => {
    const read = (parameters: Record<string, string>) => provider.readSigned!(parameters, client, now)
    expect(read({ ...signed(fields), state: 's' })).toMatchObject({
      subject: '42',
      name: 'Anna',
      emailVerified: false,
    })
    expect(() => read({ ...signed(fields), id: '43' })).toThrow('signature')
    expect(() => read({ ...signed(fields), last_name: 'Added' })).toThrow('signature')
    expect(() => read(signed(fields, 'another:token'))).toThrow('signature')
    expect(() => read({ ...fields, hash: '' })).toThrow('signature')
    expect(() => read(signed({ ...fields, auth_date: String(now.getTime() / 1000 - 301) }))).toThrow('age')
    expect(() => read(signed({ ...fields, auth_date: String(now.getTime() / 1000 + 120) }))).toThrow('age')
    const { auth_date: _, ...undated } = fields
    expect(() => read(signed(undated))).toThrow('age')
  })

  test('reads the result that comes as one encoded JSON', () => {
    const data = { ...signed(fields), id: 42, auth_date: Number(fields.auth_date) }
    const tgAuthResult = Buffer.from(JSON.stringify(data)).toString('base64url')
    expect(provider.readSigned!({ tgAuthResult }, client, now)).toMatchObject({ subject: '42' })
    expect(() => provider.readSigned!({ tgAuthResult: 'bm9uc2Vuc2U' }, client, now)).toThrow('signature')
  })
})

describe('Discord', () => {
  test('authenticates with basic, replaces refresh tokens, says what is verified', async () => {
    stub.record({
      'discord.com/api/oauth2/token': {
        ...bearer,
        expires_in: 604_800,
        refresh_token: 'second',
        scope: 'identify email',
      },
      'discord.com/api/users/@me': {
        id: '80351110224678912',
        username: 'nelly',
        global_name: 'Nelly',
        avatar: '8342729096ea3675442027381ff50dfe',
        verified: true,
        email: 'nelly@example.org',
      },
    })
    const { identity } = await stub.use('discord').redeem()
    expect(identity).toEqual({
      subject: '80351110224678912',
      email: 'nelly@example.org',
      emailVerified: true,
      name: 'Nelly',
      picture: 'https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png',
    })
    expect(last('discord.com/api/oauth2/token').headers.authorization).toMatch(/^Basic /)
    expect(last('discord.com/api/oauth2/token').form['client_secret']).toBeUndefined()
  })
})

describe('Facebook', () => {
  test('has no refresh tokens: the short-lived token is exchanged, and requests carry a proof', async () => {
    stub.record({
      'graph.facebook.com/v23.0/oauth/access_token': ({ form }: { form: Record<string, string> }) =>
        form['grant_type'] === 'fb_exchange_token'
          ? {
              access_token: `long-of-${form['fb_exchange_token']}`,
              token_type: 'bearer',
              expires_in: 5_183_944,
            }
          : { access_token: 'short', token_type: 'bearer', expires_in: 5400 },
      'graph.facebook.com/v23.0/me': {
        id: '10',
        name: 'Anna',
        picture: { data: { url: 'https://x.example/p' } },
      },
    })
    const { tokens, identity } = await stub.use('facebook').redeem()
    expect(tokens).toMatchObject({
      accessToken: 'long-of-short',
      expiresIn: 5_183_944,
      refreshToken: undefined,
    })
    expect(identity).toEqual({
      subject: '10',
      emailVerified: false,
      name: 'Anna',
      picture: 'https://x.example/p',
    })
    expect(last('graph.facebook.com/v23.0/me').query['appsecret_proof']).toBe(
      createHmac('sha256', 'the-secret').update('long-of-short').digest('hex'),
    )
    expect((await stub.use('facebook').authorize()).searchParams.get('scope')).toBe('public_profile,email')
  })
})

describe('LinkedIn', () => {
  test('takes no PKCE, joins scopes with commas, and has no nonce: the profile endpoint says who it is', async () => {
    stub.record({
      'www.linkedin.com/oauth/v2/accessToken': {
        access_token: 'access',
        expires_in: 5_183_999,
        scope: 'email,openid,profile',
        token_type: 'Bearer',
        id_token: 'one without a nonce',
      },
      'api.linkedin.com/v2/userinfo': {
        sub: '782bbtaQ',
        name: 'Anna',
        email: 'a@example.org',
        email_verified: 'true',
      },
    })
    const { tokens, identity } = await stub.use('linkedin').redeem()
    expect(tokens.scopes).toEqual(['email', 'openid', 'profile'])
    expect(identity).toMatchObject({ subject: '782bbtaQ', emailVerified: true })
    expect((await stub.use('linkedin').authorize()).searchParams.get('code_challenge')).toBeNull()
    expect(last('www.linkedin.com/oauth/v2/accessToken').form['code_verifier']).toBeUndefined()
  })
})

describe('Slack', () => {
  test('hides the person’s token inside, refuses behind 200, and joins scopes with commas', async () => {
    stub.record({
      'slack.com/api/oauth.v2.access': {
        ok: true,
        access_token: 'xoxb-of-the-bot',
        token_type: 'bot',
        team: { id: 'T9TK3CUKW', name: 'Acme' },
        authed_user: {
          id: 'U1234',
          scope: 'users:read,users:read.email',
          access_token: 'xoxp-1234',
          token_type: 'user',
        },
      },
      'slack.com/api/auth.test': { ok: true, user_id: 'U1234', team_id: 'T9TK3CUKW' },
      'slack.com/api/users.info': {
        ok: true,
        user: {
          id: 'U1234',
          team_id: 'T9TK3CUKW',
          is_email_confirmed: true,
          profile: { email: 'anna@acme.example', real_name: 'Anna' },
        },
      },
    })
    const { tokens, identity } = await stub.use('slack').redeem()
    expect(tokens).toMatchObject({
      accessToken: 'xoxp-1234',
      tokenType: 'Bearer',
      scopes: ['users:read', 'users:read.email'],
    })
    expect(identity).toMatchObject({
      subject: 'T9TK3CUKW-U1234',
      email: 'anna@acme.example',
      emailVerified: true,
    })
    const asked = (await stub.use('slack').authorize()).searchParams
    expect(asked.get('user_scope')).toBe('users:read,users:read.email')
    expect(asked.get('scope')).toBeNull()

    stub.record({ 'slack.com/api/oauth.v2.access': { ok: false, error: 'invalid_code' } })
    await expect(stub.use('slack').redeem()).rejects.toMatchObject({ code: 'codeRefused' })
    stub.record({ 'slack.com/api/oauth.v2.access': { ok: false, error: 'invalid_refresh_token' } })
    await expect(stub.use('slack').refresh()).rejects.toMatchObject({ forGood: true })
    stub.record({
      'slack.com/api/oauth.v2.access': {
        ok: true,
        access_token: 'xoxe.xoxp-2',
        refresh_token: 'xoxe-2',
        expires_in: 43_200,
        token_type: 'user',
      },
    })
    expect(await stub.use('slack').refresh()).toMatchObject({
      accessToken: 'xoxe.xoxp-2',
      refreshToken: 'xoxe-2',
    })
  })
})

describe('Twitch', () => {
  test('has scopes as an array, wants the client id as a header, and errors of its own', async () => {
    stub.record({
      'id.twitch.tv/oauth2/token': {
        ...bearer,
        expires_in: 14_124,
        refresh_token: 'r',
        scope: ['user:read:email'],
      },
      'api.twitch.tv/helix/users': {
        data: [
          {
            id: '141981764',
            login: 'anna',
            display_name: 'Anna',
            email: 'a@example.org',
            profile_image_url: 'https://x.example/p',
          },
        ],
      },
    })
    const { tokens, identity } = await stub.use('twitch').redeem()
    expect(tokens.scopes).toEqual(['user:read:email'])
    expect(identity).toMatchObject({ subject: '141981764', name: 'Anna', emailVerified: true })
    expect(last('api.twitch.tv/helix/users').headers['client-id']).toBe('the-client')
    stub.record({
      'id.twitch.tv/oauth2/token': answering(400, { status: 400, message: 'Invalid refresh token' }),
    })
    await expect(stub.use('twitch').refresh()).rejects.toMatchObject({ forGood: true })
    stub.record({
      'id.twitch.tv/oauth2/token': answering(403, { status: 403, message: 'invalid client secret' }),
    })
    await expect(stub.use('twitch').refresh()).rejects.toMatchObject({ forGood: false, code: 'secretWrong' })
  })
})

describe('Spotify', () => {
  test('refreshes without a new refresh token, verifies no address, offers no revocation', async () => {
    stub.record({
      'accounts.spotify.com/api/token': { ...bearer, scope: 'user-read-email' },
      'api.spotify.com/v1/me': {
        id: 'anna',
        display_name: 'Anna',
        email: 'a@example.org',
        images: [{ url: 'https://x.example/p' }],
      },
    })
    expect((await stub.use('spotify').redeem()).identity).toMatchObject({
      subject: 'anna',
      emailVerified: false,
    })
    expect((await stub.use('spotify').refresh()).refreshToken).toBeUndefined()
    expect(await stub.use('spotify').revoke()).toBe(false)
  })
})

describe('Strava', () => {
  test('names an absolute end, and the granted scopes only in the redirect', async () => {
    const end = Math.floor(Date.now() / 1000) + 1000
    stub.record({
      'www.strava.com/oauth/token': {
        token_type: 'Bearer',
        expires_at: end,
        // Of a token that is handed out again: still the whole life.
        expires_in: 21_600,
        refresh_token: 'r',
        access_token: 'access',
        athlete: { id: 1 },
      },
      'www.strava.com/api/v3/athlete': {
        id: 227615,
        firstname: 'Anna',
        lastname: 'K',
        profile: 'avatar/athlete/large.png',
      },
    })
    const { tokens, identity } = await stub.use('strava').redeem({ scope: 'read,activity:read' })
    expect(tokens.expiresIn).toBeGreaterThan(990)
    expect(tokens.expiresIn).toBeLessThanOrEqual(1000)
    expect(tokens.scopes).toEqual(['read', 'activity:read'])
    expect(identity).toEqual({ subject: '227615', emailVerified: false, name: 'Anna K' })
    const refused = {
      message: 'Bad Request',
      errors: [{ resource: 'RefreshToken', field: 'refresh_token', code: 'invalid' }],
    }
    stub.record({ 'www.strava.com/oauth/token': answering(400, refused) })
    await expect(stub.use('strava').refresh()).rejects.toMatchObject({ forGood: true })
  })
})

describe('any OpenID Connect provider', () => {
  const issuer = 'https://id.acme.example/realms/one'
  const at = 'id.acme.example/realms/one'

  test('authenticates as its metadata says', async () => {
    for (const [methods, used] of [
      [undefined, 'basic'],
      [['client_secret_post'], 'post'],
      [['client_secret_post', 'client_secret_basic'], 'basic'],
    ] as const) {
      stub.record({
        [`${at}/.well-known/openid-configuration`]: {
          ...stub.metadata(issuer),
          token_endpoint_auth_methods_supported: methods,
        },
        [`${at}/token`]: bearer,
      })
      await stub.use('oidc', { settings: { issuer } }).refresh()
      expect(last(`${at}/token`).form['client_secret'] === undefined ? 'basic' : 'post').toBe(used)
    }
  })

  test('encodes odd characters of the secret as RFC 6749 wants it', async () => {
    stub.record({
      [`${at}/.well-known/openid-configuration`]: stub.metadata(issuer),
      [`${at}/token`]: bearer,
    })
    await stub.use('oidc', { settings: { issuer }, clientId: 'a:b', secret: 'p%+ :ü' }).refresh()
    const basic = Buffer.from(last(`${at}/token`).headers.authorization!.slice(6), 'base64').toString()
    expect(basic).toBe('a%3Ab:p%25%2B+%3A%C3%BC')
  })

  test('is asked for its keys again when it has new ones, and its userinfo must be of the same person', async () => {
    let rotated = false
    const other = await startStub()
    stub.record({
      [`${at}/.well-known/openid-configuration`]: {
        ...stub.metadata(issuer),
        userinfo_endpoint: `${issuer}/userinfo`,
      },
      [`${at}/jwks`]: () =>
        rotated ? stub.keys : { keys: other.keys.keys.map((key) => ({ ...key, kid: 'old' })) },
      [`${at}/userinfo`]: { sub: 'somebody else', name: 'Eve', email: 'eve@example.org' },
      [`${at}/token`]: async () => ({
        ...bearer,
        id_token: await stub.idToken({ iss: issuer, aud: 'the-client', sub: 's', nonce: await stub.nonce() }),
      }),
    })
    const own = stub.use('oidc', { settings: { issuer } })
    await expect(own.redeem()).rejects.toMatchObject({ code: 'idTokenInvalid' })
    rotated = true
    expect((await own.redeem()).identity).toEqual({ subject: 's', emailVerified: false })
    await other.stop()
  })
})

describe('any OAuth 2 provider', () => {
  test('is used by its endpoints, with fields that may lie deeper', async () => {
    stub.record({
      'acme.example/token': bearer,
      'acme.example/me': { data: { user: { uid: 7, mail: 'a@example.org', confirmed: true, nick: 'Anna' } } },
      'acme.example/revoke': {},
    })
    const own = stub.use('oauth2', {
      settings: {
        authorizationUrl: 'https://acme.example/authorize?tenant=1',
        tokenUrl: 'https://acme.example/token',
        userinfoUrl: 'https://acme.example/me',
        revocationUrl: 'https://acme.example/revoke',
        clientAuth: 'post',
        pkce: 'none',
        scopeSeparator: 'comma',
        subjectField: 'data.user.uid',
        emailField: 'data.user.mail',
        emailVerifiedField: 'data.user.confirmed',
        nameField: 'data.user.nick',
      },
    })
    const asked = (await own.authorize('connect', ['a', 'b'])).searchParams
    expect(Object.fromEntries(asked)).toMatchObject({ tenant: '1', scope: 'a,b', client_id: 'the-client' })
    expect(asked.get('code_challenge')).toBeNull()
    expect((await own.redeem()).identity).toEqual({
      subject: '7',
      email: 'a@example.org',
      emailVerified: true,
      name: 'Anna',
    })
    expect(await own.revoke()).toBe(true)
    expect(
      stub.seen.filter(({ at: path }) => path === 'acme.example/revoke').map(({ form }) => form['token']),
    ).toEqual(['refresh', 'access'])
  })

  test('a profile without an id is no identity', async () => {
    stub.record({ 'acme.example/token': bearer, 'acme.example/me': { name: 'Anna' } })
    const settings = {
      authorizationUrl: 'https://acme.example/authorize',
      tokenUrl: 'https://acme.example/token',
      userinfoUrl: 'https://acme.example/me',
    }
    await expect(stub.use('oauth2', { settings }).redeem()).rejects.toMatchObject({ code: 'profileNotRight' })
  })
})

describe('revocation, where it is not RFC 7009', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    [
      'yandex',
      'oauth.yandex.ru/revoke_token',
      { form: { access_token: 'access', client_secret: 'the-secret' } },
    ],
    ['vk', 'id.vk.com/oauth2/revoke', { form: { access_token: 'access', client_id: 'the-client' } }],
    ['twitch', 'id.twitch.tv/oauth2/revoke', { form: { token: 'access', client_id: 'the-client' } }],
    ['strava', 'www.strava.com/oauth/deauthorize', { form: { access_token: 'access' } }],
    ['facebook', 'graph.facebook.com/v23.0/me/permissions', { method: 'DELETE' }],
    ['slack', 'slack.com/api/auth.revoke', { method: 'POST', headers: { authorization: 'Bearer access' } }],
  ]
  test.for(cases)('%s', async ([name, at, request]) => {
    stub.record({ [at]: { ok: true } })
    expect(await stub.use(name).revoke()).toBe(true)
    expect(stub.seen).toMatchObject([{ at, ...request }])
    stub.record({ [at]: answering(500, { error: 'internal' }) })
    await expect(stub.use(name).revoke()).rejects.toMatchObject({ code: 'providerFailed' })
  })

  test('by RFC 7009 ends the refresh token and the access token', async () => {
    const revocations = ['discord.com/api/oauth2/token/revoke', 'www.linkedin.com/oauth/v2/revoke']
    for (const [index, name] of ['discord', 'linkedin'].entries()) {
      stub.record({ [revocations[index]!]: {} })
      expect(await stub.use(name).revoke()).toBe(true)
      expect(stub.seen.map(({ form }) => [form['token'], form['token_type_hint']])).toEqual([
        ['refresh', 'refresh_token'],
        ['access', 'access_token'],
      ])
    }
  })
})
