/** What mes refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const mesErrors = {
  priceNotPossible: {
    status: 422,
    title: 'There is no price for this.',
    description:
      '`reason` says why: the part is too large for the technology, or the price book does not offer the material, colour, layer height, infill or finish.',
  },
  jobDecided: {
    status: 409,
    title: 'This request is decided already.',
    description: 'It has a price, was refused or was called off. Load it again to see which.',
  },
  jobTaken: {
    status: 409,
    title: 'Somebody else works on this request.',
    description: '`takenBy` says who. They can let go of it, or it can be taken over with `force`.',
  },
  jobNotTaken: {
    status: 409,
    title: 'Take this request first.',
    description: 'Only who has taken a request can decide it, so that two people do not decide at once.',
  },
  bookNotRight: {
    status: 400,
    title: 'The price book is not right.',
    description: '`errors` names each place in it and what is wrong there.',
  },
  bookPublished: {
    status: 409,
    title: 'A published price book does not change.',
    description: 'Make a new draft of it, and publish that.',
  },
  bookPeriodNotRight: {
    status: 422,
    title: 'The price book cannot be in force at that time.',
    description: 'It can begin now or later, within two years, and ends after it has begun.',
  },
  tooManyDrafts: {
    status: 409,
    title: 'There are as many drafts as there may be.',
    description: 'Remove one that is not needed any more.',
  },
} as const satisfies Record<string, ErrorKind>
