/** Reads what the partners' API sends, and refuses what is not right. */
import { Code, ConnectError } from '@connectrpc/connect'
import type { DeliveryChoice, PrintOptions } from './contract-schemas.ts'
import type { Address, PartLine, Partner } from './shop_pb.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TEXT = 500

export const invalid = (message: string) => new ConnectError(message, Code.InvalidArgument)

export function uuid(value: string, field: string): string {
  if (UUID.test(value)) return value
  throw invalid(`${field} is not a UUID`)
}

export function text(value: string, field: string, most = TEXT, least = 0): string {
  if (value.length < least || value.length > most)
    throw invalid(`${field} takes ${least} to ${most} characters`)
  return value
}

export function partnerOf(partner: Partner | undefined) {
  if (!partner) throw invalid('partner is missing')
  const programId = text(partner.programId, 'partner.program_id')
  const ownerId = uuid(partner.ownerId, 'partner.owner_id')
  return {
    projectId: uuid(partner.projectId, 'partner.project_id'),
    environment: text(partner.environment, 'partner.environment', 30, 1),
    ownerId,
    // The id of an OAuth client is no UUID: its project stands for it.
    cause: { actor: 'partner', byId: UUID.test(programId) ? programId : ownerId } as const,
  }
}

export function optionsOf(part: PartLine): PrintOptions {
  const { technology, supports, quantity, layerHeightMm, infillPercent } = part
  if (technology !== 'fdm' && technology !== 'sla' && technology !== 'sls')
    throw invalid('technology is fdm, sla or sls')
  if (supports !== 'auto' && supports !== 'none') throw invalid('supports is auto or none')
  if (quantity < 1 || quantity > 10_000) throw invalid('quantity is 1 to 10000')
  if (!(layerHeightMm > 0 && layerHeightMm <= 2)) throw invalid('layer_height_mm is above 0, at most 2')
  if (infillPercent < 0 || infillPercent > 100) throw invalid('infill_percent is 0 to 100')
  const slug = (value: string, field: string) => {
    if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(value)) return value
    throw invalid(`${field} is not an id of the catalogue`)
  }
  return {
    technology,
    material: slug(part.material, 'material'),
    color: slug(part.color, 'color'),
    layerHeightMm,
    infillPercent,
    supports,
    finish: slug(part.finish, 'finish'),
    quantity,
  }
}

export function deliveryChoice(method: string, address: Address | undefined): DeliveryChoice {
  if (method !== 'pickup' && method !== 'post' && method !== 'courier')
    throw invalid('delivery_method is pickup, post or courier')
  if (!address) return { method }
  const { name, street, city, postalCode, country, phone } = address
  if (!/^[A-Z]{2}$/.test(country)) throw invalid('address.country is a code of ISO 3166-1, such as DE')
  return {
    method,
    address: {
      name: text(name, 'address.name', 120, 1),
      street: text(street, 'address.street', 200, 1),
      city: text(city, 'address.city', 120, 1),
      postalCode: text(postalCode, 'address.postal_code', 20, 1),
      country,
      ...(phone === '' ? {} : { phone: text(phone, 'address.phone', 40) }),
    },
  }
}
