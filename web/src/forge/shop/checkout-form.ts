/** What the checkout asks for, and what it sends. */
import type { Language } from '../../i18n/i18n.ts'
import type { forge } from '../api.ts'

export type Profile = Awaited<ReturnType<typeof forge.shop.getProfile>>
type Terms = Awaited<ReturnType<typeof forge.shop.getTerms>>
type Placing = Omit<Parameters<typeof forge.shop.checkout>[0]['body'], 'cartId' | 'quoteId'>

export interface Details {
  name: string
  email: string
  company: string
  phone: string
  method: Terms['deliveries'][number]['method']
  /** Which of the address book; empty: the fields below. */
  book: string
  address: ReturnType<typeof emptyAddress>
  keep: boolean
  payment: Terms['payments'][number]
  note: string
}

export const emptyAddress = (name: string) => ({
  name,
  street: '',
  city: '',
  postalCode: '',
  country: '',
  phone: '',
})

/** What was kept from the last time, and the first of each choice. */
export function firstDetails(profile: Profile, terms: Terms): Details {
  return {
    name: profile.name,
    email: profile.email,
    company: profile.company,
    phone: profile.phone,
    method: terms.deliveries[0]?.method ?? 'pickup',
    book: profile.addresses.length > 0 ? '0' : '',
    address: emptyAddress(profile.name),
    keep: true,
    payment: terms.payments[0] ?? 'invoice',
    note: '',
  }
}

const given = (text: string) => (text.trim() === '' ? undefined : text.trim())

export function placingOf(details: Details, profile: Profile, language: Language): Placing {
  const { phone, ...address } = details.address
  const chosen =
    details.book === '' ? { ...address, phone: given(phone) } : profile.addresses[Number(details.book)]
  return {
    customer: {
      name: details.name.trim(),
      email: details.email.trim(),
      company: given(details.company),
      phone: given(details.phone),
      language,
    },
    delivery: { method: details.method, ...(details.method === 'pickup' ? {} : { address: chosen }) },
    payment: details.payment,
    note: given(details.note),
  }
}
