import { BlockList } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { StartError } from '../service/refuse.ts'
import { isPublic, mayReach, plainName, readAddress, readAllowance } from './addresses.ts'

const octet = fc.integer({ min: 0, max: 255 })
const ipv4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
const ipv6 = fc
  .tuple(
    fc.oneof(
      group,
      fc.constantFrom(0x2001, 0x2002, 0x3fff, 0x2000, 0x64, 0xfe80, 0xfec0, 0xfc00, 0xfd00, 0xff02),
    ),
    fc.oneof(group, fc.constantFrom(0xff9b, 0xdb8)),
    ...([group, group, group, group, group, group] as const),
  )
  .map((groups) => groups.map((value) => value.toString(16)).join(':'))

describe('reading', () => {
  test('an address means what another reader says it means, in every notation', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), ipv6), (text) => {
        // Through URL, which writes IPv6 without dots: ipaddr.js takes `::1.2.3.4` for a mapped address.
        const plain = text.includes(':') ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text
        const bytes = ipaddr.parse(plain).toByteArray()
        const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
        expect(readAddress(text)).toEqual({ family: bytes.length === 4 ? 4 : 6, value })
      }),
    )
  })

  test('what is no address in its usual notation is none', () => {
    for (const text of [
      '',
      'localhost',
      '127.1',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '2130706433',
      '1.2.3.4.',
      '1.2.3.256',
      'fe80::1%eth0',
      '[::1]',
      '::1/128',
      ':::',
      '1:2:3:4:5:6:7:8:9',
      '::ffff:1.2.3',
      ' 1.2.3.4',
    ])
      expect(readAddress(text), text).toBeUndefined()
  })
})

describe('the public internet', () => {
  const embedded = (address: ipaddr.IPv6) => new ipaddr.IPv4(address.toByteArray().slice(12))

  test('nothing is public that another list calls special', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (text) => {
        if (!isPublic(readAddress(text)!)) return
        const address = ipaddr.parse(text)
        const range = address.range()
        const reached =
          range === 'ipv4Mapped' || range === 'rfc6052' ? embedded(address as ipaddr.IPv6) : address
        expect(reached.range()).toBe('unicast')
      }),
      { numRuns: 5_000 },
    )
  })

  test('the first and last address of each special network is blocked, its neighbours are not', () => {
    const step = (address: string, by: bigint) => {
      const { family, value } = readAddress(address)!
      return { family, value: value + by }
    }
    for (const [first, last] of [
      ['10.0.0.0', '10.255.255.255'],
      ['100.64.0.0', '100.127.255.255'],
      ['127.0.0.0', '127.255.255.255'],
      ['169.254.0.0', '169.254.255.255'],
      ['172.16.0.0', '172.31.255.255'],
      ['192.0.0.0', '192.0.0.255'],
      ['192.0.2.0', '192.0.2.255'],
      ['192.168.0.0', '192.168.255.255'],
      ['198.18.0.0', '198.19.255.255'],
      ['198.51.100.0', '198.51.100.255'],
      ['203.0.113.0', '203.0.113.255'],
      ['168.63.129.16', '168.63.129.16'],
    ] as const) {
      expect(
        [first, last].map((text) => isPublic(readAddress(text)!)),
        first,
      ).toEqual([false, false])
      expect([isPublic(step(first, -1n)), isPublic(step(last, 1n))], first).toEqual([true, true])
    }
    for (const text of [
      '0.0.0.0',
      '0.255.255.255',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
    ])
      expect(isPublic(readAddress(text)!), text).toBe(false)
  })

  test.each([
    '::',
    '::1',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::8.8.8.8',
    '2002:7f00:1::1',
    '2002:808:808::1',
    '2001:0:53aa:64c:0:0:80ff:fffe',
    '2001:db8::1',
    '2001:2::1',
    '2001:10::1',
    '3fff::1',
    '100::1',
    'fe80::1',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '5f00::1',
    '4000::1',
  ])('%s is not', (text) => {
    expect(isPublic(readAddress(text)!)).toBe(false)
  })

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '93.184.215.14',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82b::200e',
    '2001:4860:4860::8888',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s is', (text) => {
    expect(isPublic(readAddress(text)!)).toBe(true)
  })
})

describe('what an administrator allows', () => {
  const may = (allow: string, host: string, address: string) =>
    mayReach(readAllowance(allow), host, readAddress(address))

  test('networks, addresses and names; nothing beyond them', () => {
    const allow = '10.1.0.0/16, 127.0.0.1 ,::1/128,SSO.Example.org,keycloak,bücher.example.'
    expect(may(allow, 'x', '10.1.255.255')).toBe(true)
    expect(may(allow, 'x', '::ffff:10.1.2.3')).toBe(true)
    expect(may(allow, 'x', '10.2.0.0')).toBe(false)
    expect(may(allow, 'x', '127.0.0.1')).toBe(true)
    expect(may(allow, 'x', '127.0.0.2')).toBe(false)
    expect(may(allow, 'x', '::1')).toBe(true)
    expect(may(allow, 'x', '::2')).toBe(false)
    expect(may(allow, 'sso.example.org', '192.168.1.1')).toBe(true)
    expect(may(allow, 'other.sso.example.org', '192.168.1.1')).toBe(false)
    expect(may(allow, 'keycloak', '172.18.0.5')).toBe(true)
    expect(may(allow, 'xn--bcher-kva.example', '10.9.9.9')).toBe(true)
    expect(may(allow, 'x', '8.8.8.8')).toBe(true)
    expect(may('', 'localhost', '127.0.0.1')).toBe(false)
    expect(may('0.0.0.0/0', 'x', '127.0.0.1')).toBe(true)
    expect(may('0.0.0.0/0', 'x', '::1')).toBe(false)
    expect(mayReach(readAllowance('0.0.0.0/0,::/0,x'), 'x', undefined)).toBe(false)
  })

  test('a network holds what another implementation says it holds', () => {
    const network = fc.record({ start: ipv4, bits: fc.integer({ min: 1, max: 32 }) })
    fc.assert(
      fc.property(
        network,
        ipv4.filter((text) => !isPublic(readAddress(text)!)),
        ({ start, bits }, address) => {
          const list = new BlockList()
          list.addSubnet(start, bits, 'ipv4')
          expect(may(`${start}/${bits}`, 'x', address)).toBe(list.check(address, 'ipv4'))
        },
      ),
    )
  })

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0',
    '::1/129',
    'http://x',
    'x:80',
    'a b',
    '*.example.org',
    '1/2/3',
  ])('%s is refused at the start', (entry) => {
    expect(() => readAllowance(`127.0.0.1,${entry}`)).toThrow(StartError)
    expect(() => readAllowance(entry)).toThrow(`${JSON.stringify(entry)} is neither a network`)
  })

  test('the dot at the end of a name means nothing', () => {
    expect(plainName('example.org.')).toBe('example.org')
    expect(plainName('example.org')).toBe('example.org')
  })
})
