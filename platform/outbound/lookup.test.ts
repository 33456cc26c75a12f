/** On a name server of the test's own. */
import { createSocket, type Socket } from 'node:dgram'
import { afterEach, expect, test } from 'vitest'
import { createLookup } from './lookup.ts'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

/** A name server (RFC 1035) that answers A with 192.0.2.1 and AAAA with 2001:db8::1, as far as `has` says, or not at all. */
async function nameServer(has: (type: 'A' | 'AAAA') => boolean | undefined): Promise<string> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  socket.on('message', (query, { port, address }) => {
    // The question ends with its type and class, after the name's last label.
    const end = query.indexOf(0, 12) + 5
    const type = query.readUInt16BE(end - 4)
    const known = has(type === 28 ? 'AAAA' : 'A')
    if (known === undefined) return
    const data =
      type === 28 ? Buffer.from('20010db8000000000000000000000001', 'hex') : Buffer.from([192, 0, 2, 1])
    const header = Buffer.from([query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, known ? 1 : 0, 0, 0, 0, 0])
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data])
    socket.send(Buffer.concat([header, query.subarray(12, end), ...(known ? [record] : [])]), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return `127.0.0.1:${socket.address().port}`
}

const never = () => new AbortController().signal

test('gives every address, of both kinds or of the one there is', async () => {
  const both = createLookup(new Set(), [await nameServer(() => true)])
  expect(await both('api.example.org', never())).toEqual(['192.0.2.1', '2001:db8::1'])
  const four = createLookup(new Set(), [await nameServer((type) => type === 'A')])
  expect(await four('api.example.org', never())).toEqual(['192.0.2.1'])
  const six = createLookup(new Set(), [await nameServer((type) => type === 'AAAA')])
  expect(await six('api.example.org', never())).toEqual(['2001:db8::1'])
  const none = createLookup(new Set(), [await nameServer(() => false)])
  await expect(none('api.example.org', never())).rejects.toThrow('ENODATA')
})

test('a server that does not answer is given up when time is over', async () => {
  const silent = createLookup(new Set(), [await nameServer(() => undefined)])
  await expect(silent('api.example.org', AbortSignal.timeout(100))).rejects.toThrow(/timeout/i)
})

test('names of this network are the system’s to resolve, whatever the name servers say', async () => {
  const lookup = createLookup(new Set(['127.0.0.9']), [await nameServer(() => true)])
  const found = await lookup('localhost', never())
  expect(found.some((address) => /^(127\.|::1$)/.test(address))).toBe(true)
  expect(await lookup('127.0.0.9', never())).toEqual(['127.0.0.9'])
  await expect(lookup('localhost', AbortSignal.abort())).rejects.toThrow(/abort/i)
})
