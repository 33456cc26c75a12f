/** A passkey device in software, for tests: answers WebAuthn options as a browser with a platform authenticator would. */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'

interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id?: string }
  readonly user: { readonly id: string }
}

interface RequestOptions {
  readonly challenge: string
  readonly rpId?: string
  readonly allowCredentials?: readonly { readonly id: string }[]
}

interface Credential {
  readonly id: Buffer
  readonly rpId: string
  readonly userHandle: string
  readonly key: KeyObject
  counter: number
}

export interface DeviceOptions {
  /** Where the browser stands; signed into every answer. */
  readonly origin: string
  /** Whether the device checks a fingerprint or PIN. Default true. */
  readonly verifiesUser?: boolean
}

export interface SoftwareAuthenticator {
  /** With `again`, the passkey made last answers, as a device that ignores the exclusion list would. */
  readonly create: (options: unknown, again?: 'again') => Record<string, unknown>
  readonly get: (options: unknown) => Record<string, unknown>
  /** Sets the signature counter back, as a copied device would have it. */
  readonly rewind: () => void
}

const FLAG_PRESENT = 0x01
const FLAG_VERIFIED = 0x04
const FLAG_ATTESTED = 0x40

/** Makes a device that keeps the passkeys it creates. */
export function softwareAuthenticator(options: DeviceOptions): SoftwareAuthenticator {
  const credentials: Credential[] = []
  const userFlags = FLAG_PRESENT | (options.verifiesUser === false ? 0 : FLAG_VERIFIED)
  const clientData = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: options.origin, crossOrigin: false }))

  return {
    create(given, again) {
      const { challenge, rp, user } = given as CreationOptions
      const last = again && credentials.at(-1)
      const privateKey = last ? last.key : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      const rpId = rp.id ?? new URL(options.origin).hostname
      const credential: Credential = {
        id: last ? last.id : randomBytes(32),
        rpId,
        userHandle: user.id,
        key: privateKey,
        counter: 1,
      }
      credentials.push(credential)
      const { x, y } = createPublicKey(privateKey).export({ format: 'jwk' })
      // COSE key (RFC 9053): EC2, ES256, P-256.
      const cose = cborMap([
        [cborInt(1), cborInt(2)],
        [cborInt(3), cborInt(-7)],
        [cborInt(-1), cborInt(1)],
        [cborInt(-2), cborBytes(Buffer.from(x!, 'base64url'))],
        [cborInt(-3), cborBytes(Buffer.from(y!, 'base64url'))],
      ])
      const idLength = Buffer.alloc(2)
      idLength.writeUInt16BE(credential.id.length)
      const attested = Buffer.concat([Buffer.alloc(16), idLength, credential.id, cose])
      const authData = Buffer.concat([authenticatorData(rpId, userFlags | FLAG_ATTESTED, 1), attested])
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(authData)],
      ])
      return answer(credential.id, {
        clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      })
    },

    get(given) {
      const { challenge, rpId, allowCredentials } = given as RequestOptions
      const allowed = allowCredentials?.map(({ id }) => id)
      const credential = credentials.find(
        ({ id, rpId: own }) => own === (rpId ?? own) && (allowed?.includes(id.toString('base64url')) ?? true),
      )
      if (!credential) throw new Error('No passkey on this device is asked for')
      credential.counter++
      const authData = authenticatorData(credential.rpId, userFlags, credential.counter)
      const client = clientData('webauthn.get', challenge)
      const signature = sign(
        'sha256',
        Buffer.concat([authData, createHash('sha256').update(client).digest()]),
        credential.key,
      )
      return answer(credential.id, {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: credential.userHandle,
      })
    },

    rewind() {
      for (const credential of credentials) credential.counter = 0
    },
  }
}

function answer(id: Buffer, response: Record<string, unknown>): Record<string, unknown> {
  const encoded = id.toString('base64url')
  return {
    id: encoded,
    rawId: encoded,
    type: 'public-key',
    response,
    clientExtensionResults: {},
    authenticatorAttachment: 'platform',
  }
}

/** WebAuthn Level 3, section 6.1. */
function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), count])
}

function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255])
}

const cborInt = (value: number) => (value < 0 ? cborHead(1, -value - 1) : cborHead(0, value))
const cborBytes = (value: Buffer) => Buffer.concat([cborHead(2, value.length), value])
const cborText = (value: string) => Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)])
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()])
