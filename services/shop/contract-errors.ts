/** What the shop refuses with. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const shopErrors = {
  modelNotReady: {
    status: 409,
    title: 'The model is not ready.',
    description:
      'It is not checked yet, was rejected or deleted, or is somebody else’s. Wait, or upload it again.',
  },
  itemNotAvailable: {
    status: 409,
    title: 'This item is not offered now.',
    description:
      'It was taken out of the catalogue, or its currency is another than the cart’s. Choose another.',
  },
  outOfStock: {
    status: 409,
    title: 'There are not that many in stock.',
    description: '`lines` names the items and how many are left. Order fewer, or later.',
  },
  optionsNotOffered: {
    status: 422,
    title: 'The part cannot be ordered like this.',
    description:
      '`errors` names the fields that the present price book does not offer. Choose from the catalogue.',
  },
  cartEmpty: {
    status: 409,
    title: 'The cart is empty.',
    description: 'Put something into it first.',
  },
  cartFull: {
    status: 409,
    title: 'The cart is full.',
    description: 'A cart holds fifty lines. Order these first.',
  },
  cartNotReady: {
    status: 409,
    title: 'Something in the cart cannot be ordered.',
    description:
      'A part was refused or an item is not offered any more: `lines` names them. Change or remove them.',
  },
  quoteExpired: {
    status: 409,
    title: 'The quote is not valid any more.',
    description: 'Ask for a new one from the cart; it takes seconds.',
  },
  quoteNotReady: {
    status: 409,
    title: 'The quote has no prices yet.',
    description: 'Wait until it is quoted, or order right away from the cart.',
  },
  priceChanged: {
    status: 409,
    title: 'The price is another one now.',
    description: '`total` is the present price. Look at it and accept that.',
  },
  addressMissing: {
    status: 422,
    title: 'The delivery needs an address.',
    description: 'Name an address, or choose to fetch the order at the workshop.',
  },
  paymentNotOffered: {
    status: 422,
    title: 'This way to pay is not offered here.',
    description: 'An administrator has not set it up. Choose another one.',
  },
  paymentNotPossible: {
    status: 409,
    title: 'This payment cannot be changed like this now.',
    description: '`state` and `payment` say how it stands: it may be paid or refunded already.',
  },
  paymentProviderFailed: {
    status: 502,
    title: 'The payment provider did not answer as it should.',
    description: 'Nothing was paid. Try again in a moment, or pay on invoice.',
  },
  orderStateRefuses: {
    status: 409,
    title: 'The order’s state does not allow this.',
    description: '`state` says where it stands. Load it again to see what is possible.',
  },
  pictureNotRight: {
    status: 422,
    title: 'A picture cannot be used.',
    description:
      '`errors` names it: the file is not there, not yours, or no picture. Upload it, then name it.',
  },
  skuTaken: {
    status: 409,
    title: 'There is an item of this number.',
    description: 'Choose another number, or change that item.',
  },
} as const satisfies Record<string, ErrorKind>
