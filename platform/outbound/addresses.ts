/**
 * Which addresses may be asked. Every address is a number here, so that no way of writing one (octal, mapped into
 * IPv6, shortened) says anything else than what a connection would reach.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { StartError } from '../service/refuse.ts'

export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

interface Network extends Address {
  readonly bits: number
}

/** Reads an address in its usual notation; undefined for anything else, and for one with a zone (`fe80::1%eth0`). */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: readGroups(text.split('.').map(Number), 8n) }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const [, start, dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  const low = dotted ? readAddress(dotted)!.value : 0n
  const plain = dotted ? `${start}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}` : text
  const [head = '', tail] = plain.split('::')
  const groupsOf = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const zeros = Array<number>(8 - left.length - right.length).fill(0)
  return { family: 6, value: readGroups([...left, ...zeros, ...right], 16n) }
}

function readGroups(groups: readonly number[], bits: bigint): bigint {
  return groups.reduce((value, group) => (value << bits) | BigInt(group), 0n)
}

function readNetwork(text: string): Network | undefined {
  const [start, length, ...rest] = text.split('/')
  const address = readAddress(start!)
  if (!address || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const width = address.family === 4 ? 32 : 128
  const bits = length === undefined ? width : Number(length)
  return bits <= width ? { ...address, bits } : undefined
}

function contains(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false
  const rest = BigInt((network.family === 4 ? 32 : 128) - network.bits)
  return network.value >> rest === address.value >> rest
}

const networks = (...list: string[]) => list.map((text) => readNetwork(text)!)

/** Not the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sibling. */
const special = networks(
  '0.0.0.0/8', // this host
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers (CGNAT), and a cloud's metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's metadata, on a public address
  '169.254.0.0/16', // link-local, with the metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments, and a cloud's metadata
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address inside
  '3fff::/20', // documentation
)
/** All of IPv6 that is routed today; whatever else there is (loopback, link-local, private, multicast) lies outside. */
const [globalUnicast] = networks('2000::/3')
/** Here the last 32 bits are an IPv4 address, which is what is reached: mapped addresses, and NAT64. */
const embedding = networks('::ffff:0:0/96', '64:ff9b::/96')

/** What a connection to the address reaches in the end. */
function reached(address: Address): Address {
  return embedding.some((network) => contains(network, address))
    ? { family: 4, value: address.value & 0xffffffffn }
    : address
}

/** Whether the address is on the public internet. */
export function isPublic(address: Address): boolean {
  const end = reached(address)
  if (special.some((network) => contains(network, end))) return false
  return end.family === 4 || contains(globalUnicast!, end)
}

/** What the administrator allows besides the public internet. */
export interface Allowance {
  readonly networks: readonly Network[]
  /** Host names, in lower case. */
  readonly names: ReadonlySet<string>
}

/** Reads OUTBOUND_ALLOW: networks, addresses and host names, separated by commas. Throws `StartError` for what is none. */
export function readAllowance(text: string): Allowance {
  const allowed: Network[] = []
  const names = new Set<string>()
  for (const entry of text.split(',').map((part) => part.trim().toLowerCase())) {
    if (entry === '') continue
    const network = readNetwork(entry)
    if (network) allowed.push(network)
    else if (/^[^\s:/?#@*%[\]]+$/.test(entry) && URL.canParse(`http://${entry}`) && !/^[\d.]+$/.test(entry))
      names.add(plainName(new URL(`http://${entry}`).hostname))
    else
      throw new StartError(
        `${JSON.stringify(entry)} is neither a network such as 10.1.2.0/24 nor a host name.`,
      )
  }
  return { networks: allowed, names }
}

/** Without the dot that a name may end with. */
export function plainName(hostname: string): string {
  return hostname.replace(/\.$/, '')
}

/** Whether `host`, which resolved to `address`, may be asked. An address that cannot be read may not. */
export function mayReach(allowance: Allowance, host: string, address: Address | undefined): boolean {
  if (!address) return false
  const end = reached(address)
  return (
    isPublic(address) ||
    allowance.names.has(host) ||
    allowance.networks.some((network) => contains(network, end) || contains(network, address))
  )
}
