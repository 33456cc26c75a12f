/** WebAuthn (Level 3, https://www.w3.org/TR/webauthn-3/): options for the browser and the check of its answers. */

/** Loaded with the first passkey: it is large. */
const webauthn = () => import('@simplewebauthn/server')

/** Challenges can be answered for this long. */
export const CHALLENGE_MS = 5 * 60_000

// EdDSA, ES256, RS256. Named, because the library's own default tries experimental algorithms of the runtime.
const ALGORITHMS = [-8, -7, -257]

/** Who asks: the registrable part of the public address, and the exact origin answers must come from. */
export interface RelyingParty {
  readonly id: string
  readonly origin: string
  readonly name: string
}

/** `name` is what devices show beside the passkey. */
export function relyingParty(publicUrl: string, name: string): RelyingParty {
  const url = new URL(publicUrl)
  return { id: url.hostname, origin: url.origin, name }
}

interface Known {
  readonly credential_id: Buffer
  readonly transports: string[]
}

const descriptorOf = (known: Known) => ({
  id: known.credential_id.toString('base64url'),
  transports: known.transports,
})

/** Options for a new discoverable passkey. The user handle is the person's id: no personal data on the device. `label` is what the person tells passkeys apart by. */
export async function registrationOptions(
  rp: RelyingParty,
  person: { id: string; label: string },
  known: readonly Known[],
) {
  return (await webauthn()).generateRegistrationOptions({
    rpName: rp.name,
    rpID: rp.id,
    userName: person.label,
    userDisplayName: person.label,
    userID: Buffer.from(person.id.replaceAll('-', ''), 'hex'),
    timeout: CHALLENGE_MS,
    excludeCredentials: known.map(descriptorOf),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

/** Options for signing in: with no `known`, whatever discoverable passkey the person picks. */
export async function loginOptions(rp: RelyingParty, known?: readonly Known[]) {
  return (await webauthn()).generateAuthenticationOptions({
    rpID: rp.id,
    timeout: CHALLENGE_MS,
    userVerification: 'required',
    ...(known ? { allowCredentials: known.map(descriptorOf) } : {}),
  })
}

export interface NewPasskey {
  readonly credentialId: Buffer
  readonly publicKey: Buffer
  readonly counter: number
  readonly transports: string[]
  readonly backedUp: boolean
}

/** The passkey in the browser's answer, or `undefined` if it does not hold: wrong challenge, origin, signature, no user verification. */
export async function checkRegistration(
  rp: RelyingParty,
  challenge: string,
  response: unknown,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse } = await webauthn()
  const verified = await verifyRegistrationResponse({
    response: response as never,
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => undefined)
  if (!verified?.verified) return undefined
  const { credential, credentialBackedUp } = verified.registrationInfo
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    backedUp: credentialBackedUp,
  }
}

/** The new counter and whether the passkey is synced now, if the answer holds. A counter that does not grow means that the passkey was copied. */
export async function checkLogin(
  rp: RelyingParty,
  challenge: string,
  response: unknown,
  passkey: { credential_id: Buffer; public_key: Buffer; counter: number },
): Promise<{ counter: number; backedUp: boolean } | undefined> {
  const { verifyAuthenticationResponse } = await webauthn()
  const verified = await verifyAuthenticationResponse({
    response: response as never,
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    credential: {
      id: passkey.credential_id.toString('base64url'),
      publicKey: new Uint8Array(passkey.public_key),
      counter: passkey.counter,
    },
  }).catch(() => undefined)
  if (!verified?.verified) return undefined
  return {
    counter: verified.authenticationInfo.newCounter,
    backedUp: verified.authenticationInfo.credentialBackedUp,
  }
}

/** The credential that an answer names, or `undefined` if it is not even well formed. */
export function credentialIdOf(response: Readonly<Record<string, unknown>>): Buffer | undefined {
  const { id } = response
  return typeof id === 'string' && id.length > 0 && id.length <= 1400 && /^[\w-]+$/.test(id)
    ? Buffer.from(id, 'base64url')
    : undefined
}
