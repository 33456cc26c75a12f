/** Addresses that give access by themselves. They are signed: changed by one character they are refused. */
import { createHmac, timingSafeEqual } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const MAC = 32
const BODY = 16 + 4 + 1

function sign(key: Buffer, body: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest()
}

function bytesOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

/** Base64url in one spelling only: a changed last character must not decode to the same bytes. */
function decode(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : undefined
}

/** The part of an upload's address behind the prefix: whoever has it may write this file. It ends with the upload. */
export function uploadAddress(key: Buffer, fileId: string): string {
  return `${fileId}/${sign(key, bytesOf(fileId)).toString('base64url')}`
}

/** The file that an upload's address names; undefined unless it was signed with `key`. */
export function readUploadAddress(key: Buffer, address: string): string | undefined {
  const [fileId, token, ...more] = address.split('/')
  if (!fileId || !token || more.length > 0 || !UUID.test(fileId)) return undefined
  const mac = decode(token, MAC)
  return mac && timingSafeEqual(mac, sign(key, bytesOf(fileId))) ? fileId : undefined
}

export interface Link {
  readonly fileId: string
  readonly expires: Date
  /** To be shown in the browser, where the file's type allows it. */
  readonly inline: boolean
}

/** The token of a download's address; `expires` in whole seconds. */
export function linkToken(key: Buffer, { fileId, expires, inline }: Link): string {
  const body = Buffer.alloc(BODY)
  bytesOf(fileId).copy(body)
  body.writeUInt32BE(Math.floor(expires.getTime() / 1000), 16)
  body.writeUInt8(inline ? 1 : 0, 20)
  return Buffer.concat([body, sign(key, body)]).toString('base64url')
}

/** What a token says; undefined unless it was signed with `key`. */
export function readLink(key: Buffer, token: string): Link | undefined {
  const bytes = decode(token, BODY + MAC)
  if (!bytes) return undefined
  const body = bytes.subarray(0, BODY)
  if (!timingSafeEqual(bytes.subarray(BODY), sign(key, body))) return undefined
  const id = body.toString('hex', 0, 16)
  return {
    fileId: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    expires: new Date(body.readUInt32BE(16) * 1000),
    inline: body.readUInt8(20) === 1,
  }
}
