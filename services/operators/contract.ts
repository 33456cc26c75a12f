/** Operators: who makes what on which machine, from the confirmed order to the parcel. */
import { defineContract, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { operatorsEvents } from './contract-events.ts'
import { floorOperations } from './contract-floor.ts'
import { workOperations } from './contract-work.ts'

export type {
  Check,
  Machine,
  Material,
  Operator,
  Order,
  OrderSummary,
  Planned,
  Shift,
  Work,
} from './contract-schemas.ts'

export const operators = defineContract({
  name: 'operators',
  version: '1.0.0',
  summary: 'Production: works, operators, shifts, machines and materials; quality, packing, shipping.',
  operations: { ...workOperations, ...floorOperations },
  events: operatorsEvents,
  topics: {
    production: {
      description: 'Something on the board has changed; sent to everybody who may see the board.',
      permission: 'production:work',
      data: Type.Object({
        orderId: Type.Optional(Uuid),
        workId: Type.Optional(Uuid),
        what: Type.Enum(['confirmed', 'work', 'order', 'withdrawn', 'machine'], {
          description: 'What changed',
        }),
        at: Timestamp,
      }),
    },
  },
  errors: {
    workTaken: {
      status: 409,
      title: 'Somebody else has this work.',
      description: 'Of those who claim at once, one gets it: `operatorName` says who. Choose another work.',
    },
    workStateRefuses: {
      status: 409,
      title: 'The work is not in a state that allows this.',
      description: '`state` says where it stands. Load it again.',
    },
    notYourWork: {
      status: 403,
      title: 'This work belongs to another operator.',
      description: 'Operators move only work of their own. Ask somebody who may assign.',
    },
    skillMissing: {
      status: 409,
      title: 'The operator has not learned this technique.',
      description: 'Give it to somebody who can, or add the skill to the operator.',
    },
    notAnOperator: {
      status: 409,
      title: 'This person takes no work.',
      description: 'They are no operator here, or not active. The head of production adds them.',
    },
    machineNotRight: {
      status: 409,
      title: 'This machine cannot make it.',
      description:
        'It must be ready, of the technique of the work, and take its material; a work that is not picked needs a machine. `detail` says which it is.',
    },
    machineBusy: {
      status: 409,
      title: 'The machine works on something else.',
      description: 'Wait until it is done, pause that, or take another machine.',
    },
    machineNameTaken: {
      status: 409,
      title: 'There is a machine of this name.',
      description: 'Names of machines are unique. Choose another.',
    },
    tooManyMachines: {
      status: 409,
      title: 'There are two hundred machines already.',
      description: 'Retired machines count, too. Rename one that is not used any more.',
    },
    reasonMissing: {
      status: 400,
      title: 'Say why.',
      description: 'A machine that goes down or is retired needs a reason.',
    },
    scrapNotRight: {
      status: 400,
      title: 'More pieces cannot be spoilt than there are.',
      description: 'Count those that are not marked as spoilt yet.',
    },
    stageRefuses: {
      status: 409,
      title: 'The order is not at this stage.',
      description: '`stage` says where it is. Load it again.',
    },
    ownCheck: {
      status: 409,
      title: 'Somebody else must look at it.',
      description:
        'Whoever made all of an order cannot pass it. Ask a colleague, or somebody who may assign.',
    },
    checkNotRight: {
      status: 400,
      title: 'The check is not complete.',
      description:
        'What is not good needs a note and the pieces that are made again, of lines of this order and no more than there are.',
    },
    photoNotRight: {
      status: 400,
      title: 'A photo cannot be used.',
      description: 'Photos are pictures (JPEG, PNG, WebP) that you have uploaded yourself.',
    },
    personNotFound: {
      status: 400,
      title: 'There is nobody of this id.',
      description: 'Choose somebody who has an account.',
    },
    operatorBusy: {
      status: 409,
      title: 'The operator is working on something.',
      description: 'Let them finish or pause it, or give it to somebody else first.',
    },
    periodNotRight: {
      status: 400,
      title: 'The period is not right.',
      description: 'It must end after it begins, and not be longer than the operation says.',
    },
    shiftOverlaps: {
      status: 409,
      title: 'The operator has a shift at that time.',
      description: 'Shifts of one operator do not overlap. Change the times, or call off the other.',
    },
  },
  permissions: {
    'production:work': 'See free work and one’s own, make it, check, pack and ship orders',
    'production:assign': 'See all work, give it to operators, plan shifts, keep materials, see figures',
    'production:configure': 'Say who is an operator and what machines there are',
  },
})
