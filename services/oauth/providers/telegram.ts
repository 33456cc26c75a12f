/** Telegram login. https://core.telegram.org/widgets/login#checking-authorization */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type CallbackParameters, type Provider, subjectAt, textAt } from '../provider.ts'

/** Signed data is good for a sign-in that happens now; older data may have been picked up somewhere. */
const MAX_AGE_SECONDS = 300
const signedFields = ['auth_date', 'first_name', 'id', 'last_name', 'photo_url', 'username'] as const

/** The fields, which come as parameters or, from oauth.telegram.org, as one base64url JSON. */
function fieldsOf(parameters: CallbackParameters): Record<string, unknown> {
  const { tgAuthResult } = parameters
  if (tgAuthResult === undefined) return parameters
  try {
    const fields: unknown = JSON.parse(Buffer.from(tgAuthResult, 'base64url').toString())
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

export const telegram: Provider = {
  catalogue: 'telegram',
  name: 'Telegram',
  kind: 'signed',
  icon: {
    path: 'M11.944 0A12 12 0 0 0 0 12a12 12 0 0 0 12 12 12 12 0 0 0 12-12A12 12 0 0 0 12 0a12 12 0 0 0-.056 0zm4.962 7.224c.1-.002.321.023.465.14a.506.506 0 0 1 .171.325c.016.093.036.306.02.472-.18 1.898-.962 6.502-1.36 8.627-.168.9-.499 1.201-.82 1.23-.696.065-1.225-.46-1.9-.902-1.056-.693-1.653-1.124-2.678-1.8-1.185-.78-.417-1.21.258-1.91.177-.184 3.247-2.977 3.307-3.23.007-.032.014-.15-.056-.212s-.174-.041-.249-.024c-.106.024-1.793 1.14-5.061 3.345-.48.33-.913.49-1.302.48-.428-.008-1.252-.241-1.865-.44-.752-.245-1.349-.374-1.297-.789.027-.216.325-.437.893-.663 3.498-1.524 5.83-2.529 6.998-3.014 3.332-1.386 4.025-1.627 4.476-1.635z',
    color: '#26a5e4',
  },
  documentation: 'https://core.telegram.org/widgets/login#setting-up-a-bot',
  clientIdLabel: 'Bot ID',
  secretLabel: 'Bot token',
  notes: [
    'Set the domain of this installation with /setdomain at @BotFather; there is no redirect URI to register.',
    'It signs people in and gives no tokens and no e-mail address.',
    'The signature is checked with the bot token; data older than five minutes is refused.',
  ],
  scopes: [],
  clientAuth: 'none',
  pkce: false,
  refresh: 'never',
  authorizationUrl: ({ clientId }, redirectUri, state) => {
    const url = new URL('https://oauth.telegram.org/auth')
    const back = new URL(redirectUri)
    back.searchParams.set('state', state)
    url.search = new URLSearchParams({
      bot_id: clientId,
      origin: back.origin,
      embed: '0',
      request_access: 'write',
      return_to: back.href,
    }).toString()
    return url.href
  },
  probe: async ({ secret }, ask) => {
    await ask(`https://api.telegram.org/bot${secret ?? ''}/getMe`)
  },
  readSigned: (parameters, { secret }, now) => {
    const fields = fieldsOf(parameters)
    const lines = signedFields.flatMap((field) => {
      const value = textAt(fields, field)
      return value === undefined ? [] : [`${field}=${value}`]
    })
    const key = createHash('sha256')
      .update(secret ?? '')
      .digest()
    const expected = createHmac('sha256', key).update(lines.join('\n')).digest()
    const hash = textAt(fields, 'hash') ?? ''
    if (!/^[0-9a-f]{64}$/i.test(hash) || !timingSafeEqual(Buffer.from(hash, 'hex'), expected))
      throw new Error('signature')
    const age = now.getTime() / 1000 - Number(fields['auth_date'])
    if (!(age < MAX_AGE_SECONDS && age > -60)) throw new Error('age')
    const name = [textAt(fields, 'first_name'), textAt(fields, 'last_name')].filter(Boolean).join(' ')
    return {
      subject: subjectAt(fields, 'id'),
      emailVerified: false,
      name: name || textAt(fields, 'username'),
      picture: textAt(fields, 'photo_url'),
    }
  },
}
