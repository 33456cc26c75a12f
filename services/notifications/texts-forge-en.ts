/** English wording of what concerns orders of the workshop. */
import type { ForgeKindName } from './kinds.ts'
import type { Wording } from './wording.ts'

const named = (number: string | undefined) => (number ? `Order ${number}` : 'Your order')

const progress: Readonly<Record<string, readonly [title: string, body: string]>> = {
  created: ['has arrived', 'The office looks at it and answers soon.'],
  confirmed: ['is confirmed', 'It will be made as ordered.'],
  inProduction: ['is being made', 'The first part is on a machine.'],
  qualityCheck: ['is being checked', 'Everything is made; somebody looks at it closely.'],
  packed: ['is packed', 'It leaves soon.'],
  shipped: ['is on its way', 'Its page shows who carries it.'],
  delivered: ['has arrived at its address', 'If something is not right, write to us on its page.'],
}
const trouble: Readonly<Record<string, string>> = {
  rejected: 'will not be made',
  cancelled: 'is cancelled',
  returned: 'came back',
}
/** Why, or where to read more. */
const reasonOr = (reason: string | undefined, more: string) => [reason ? `Why: ${reason}` : more]

export const englishOfForge: Readonly<Record<ForgeKindName, Wording>> = {
  'order-progress': {
    about: 'How my orders get on',
    title: ({ number, state }) => `${named(number)} ${progress[state ?? '']?.[0] ?? 'goes on'}`,
    body: ({ state }) => [progress[state ?? '']?.[1] ?? 'The page of the order shows more.'],
    action: 'Open the order',
  },
  'order-asks': {
    about: 'Orders that wait for my answer',
    title: ({ number }) => `${named(number)}: the price is another than estimated`,
    body: () => ['The binding price is outside of what you were shown. Accept it or cancel the order.'],
    action: 'Look at the price',
  },
  'order-trouble': {
    about: 'Orders that are called off or come back',
    title: ({ number, state }) => `${named(number)} ${trouble[state ?? ''] ?? 'has ended'}`,
    body: ({ reason }) => [...(reason ? reasonOr(reason, '') : []), 'What was paid for it goes back to you.'],
    action: 'Open the order',
  },
  'order-payment': {
    about: 'Payments',
    title: ({ number, what }) =>
      what === 'refunded' ? `${named(number)}: your money is on its way back` : `${named(number)} is paid`,
    body: ({ amount }) => [amount ? `Amount: ${amount}.` : 'The page of the order shows more.'],
    action: 'Open the order',
  },
  'order-message': {
    about: 'Answers to my orders',
    title: ({ number }) => `A message about ${number ?? 'your order'}`,
    body: ({ text }) => [text ?? 'Open the thread to read it.'],
    action: 'Answer',
  },
  'order-price': {
    about: 'Prices that took longer',
    title: ({ what, model }) =>
      what === 'refused'
        ? `${model ?? 'A part'} cannot be made like this`
        : what === 'delayed'
          ? `The price of ${model ?? 'a part'} takes a little longer`
          : `The price of ${model ?? 'a part'} is there`,
    body: ({ what, reason }) =>
      what === 'delayed'
        ? ['A person looks at it and sets the price.']
        : reasonOr(reason, 'The page of the model shows more.'),
    action: 'Open the model',
  },
  'order-model': {
    about: 'My models',
    title: ({ what, model }) =>
      what === 'rejected'
        ? `${model ?? 'A model'} cannot be used`
        : `${model ?? 'A model'} needs your answer`,
    body: ({ what, reason }) =>
      what === 'repair'
        ? ['It has defects that can be repaired. Look at the difference and accept it.']
        : what === 'units'
          ? ['The file does not say in which unit it is. Choose one.']
          : reasonOr(reason, 'The page of the model shows more.'),
    action: 'Open the model',
  },
  'office-order': {
    about: 'New orders (office)',
    title: ({ number, customer }) => `New order ${number ?? ''}${customer ? ` of ${customer}` : ''}`.trim(),
    body: ({ amount }) => [amount ? `Total: ${amount}.` : 'The page of the order shows more.'],
    action: 'Open the inbox',
  },
  'office-message': {
    about: 'Messages of customers (office)',
    title: ({ number }) => `A customer writes about ${number ?? 'an order'}`,
    body: ({ text }) => [text ?? 'Open the thread to read it.'],
    action: 'Answer',
  },
  'office-price': {
    about: 'Prices that need a person (office)',
    title: () => 'A part cannot be priced by itself',
    body: ({ reason }) => reasonOr(reason, 'The page of the model shows more.'),
    action: 'Set the price',
  },
}
