/** Proofs of possession: what holds, and every single thing that does not. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkProof } from './proofs.ts'

const TOKEN = 'a.b.c'
const NOW = 1_790_000_000
const asked = { method: 'GET', url: 'https://pleiad.example/api/v1/things?limit=3', token: TOKEN, now: NOW }

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pair = ec()
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' })
  const members = kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

function proofOf(claims: object = {}, header: object = {}, keys = pair, alg = 'ES256'): string {
  const head = encode({ typ: 'dpop+jwt', alg, jwk: keys.publicKey.export({ format: 'jwk' }), ...header })
  const body = encode({
    htm: 'GET',
    htu: 'https://pleiad.example/api/v1/things',
    iat: NOW,
    jti: 'one',
    ath: createHash('sha256').update(TOKEN).digest('base64url'),
    ...claims,
  })
  const signature =
    alg === 'ES256'
      ? sign('sha256', Buffer.from(`${head}.${body}`), {
          key: keys.privateKey,
          dsaEncoding: 'ieee-p1363',
        })
      : sign(null, Buffer.from(`${head}.${body}`), keys.privateKey)
  return `${head}.${body}.${signature.toString('base64url')}`
}

const check = (proof: string | undefined, more: object = {}) =>
  checkProof(proof, thumbprint(pair.publicKey), { ...asked, ...more })

test('holds for its key, request, token and time; the query is no part of it', () => {
  expect(check(proofOf())).toMatchObject({ holds: true })
  expect(check(proofOf({ iat: NOW - 299 }))).toMatchObject({ holds: true })
  expect(check(proofOf({ htu: 'HTTPS://PLEIAD.example:443/api/v1/things?x=1#y' }))).toMatchObject({
    holds: true,
  })
  const edwards = generateKeyPairSync('ed25519') as never as typeof pair
  for (const alg of ['EdDSA', 'Ed25519'])
    expect(checkProof(proofOf({}, {}, edwards, alg), thumbprint(edwards.publicKey), asked)).toMatchObject({
      holds: true,
    })
})

test('names itself by key and jti, so that a repetition is recognised', () => {
  const id = (proof: string) => (check(proof) as { id?: string }).id
  expect(id(proofOf())).toBe(id(proofOf({ iat: NOW - 5 })))
  expect(id(proofOf({ jti: 'two' }))).not.toBe(id(proofOf()))
})

const other = ec()
const secret = pair.privateKey.export({ format: 'jwk' })
test.each<[string, string | undefined, RegExp]>([
  ['none', undefined, /proof is needed/],
  ['two in one header', `${proofOf()}, ${proofOf()}`, /one signed JWT/],
  ['no JWT', 'x', /one signed JWT/],
  ['another type', proofOf({}, { typ: 'JWT' }), /dpop\+jwt/],
  ['a critical extension', proofOf({}, { crit: ['x'] }), /dpop\+jwt/],
  ['a private key', proofOf({}, { jwk: secret }), /public key/],
  ['no key', proofOf({}, { jwk: undefined }), /public key/],
  ['no algorithm', proofOf({}, { alg: 'none' }), /alg must/],
  ['an algorithm of shared secrets', proofOf({}, { alg: 'HS256' }), /alg must/],
  ['the key of somebody else', proofOf({}, {}, other), /another key/],
  [
    'a signature of somebody else',
    proofOf({}, { jwk: pair.publicKey.export({ format: 'jwk' }) }, other),
    /signature/,
  ],
  ['another method', proofOf({ htm: 'POST' }), /htm/],
  ['another path', proofOf({ htu: 'https://pleiad.example/api/v1/other' }), /htu/],
  ['another host', proofOf({ htu: 'https://evil.example/api/v1/things' }), /htu/],
  ['no address', proofOf({ htu: 7 }), /htu/],
  ['long ago', proofOf({ iat: NOW - 301 }), /iat/],
  ['from the future', proofOf({ iat: NOW + 301 }), /iat/],
  ['no time', proofOf({ iat: undefined }), /iat/],
  ['another token', proofOf({ ath: createHash('sha256').update('x').digest('base64url') }), /ath/],
  ['no token', proofOf({ ath: undefined }), /ath/],
  ['no id', proofOf({ jti: '' }), /jti/],
])('does not hold: %s', (_, proof, reason) => {
  const result = check(proof)
  expect(result).toMatchObject({ holds: false })
  expect((result as { reason: string }).reason).toMatch(reason)
})

test('nothing that anybody sends breaks the check, and no change of a proof is overlooked', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => check(text).holds === false))
  const [head, body, signature] = proofOf().split('.') as [string, string, string]
  fc.assert(
    fc.property(fc.nat(body.length - 2), fc.constantFrom('A', 'B', 'z', '0'), (at, sign) => {
      fc.pre(body[at] !== sign)
      return !check(`${head}.${body.slice(0, at)}${sign}${body.slice(at + 1)}.${signature}`).holds
    }),
  )
})
