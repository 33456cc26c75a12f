/** Operations on the workshop: the board, operators, shifts, machines, materials, plan and figures. */
import { type Operation, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import {
  DayFigures,
  Machine,
  MachineDraft,
  Material,
  Operator,
  OrderSummary,
  Planned,
  Shift,
  Slug,
  Technique,
  Utilisation,
  Words,
  Work,
} from './contract-schemas.ts'

const operatorId = '01938a5e-7c00-7000-8000-0000000000aa'
const machineId = '01938a5e-7c00-7000-8000-0000000000e2'
const shiftId = '01938a5e-7c00-7000-8000-0000000000e3'
const operatorParams = Type.Object({ operatorId: Uuid })
const machineParams = Type.Object({ machineId: Uuid })
const materialParams = Type.Object({ material: Slug('Id of the material'), color: Slug('Id of the colour') })
const work = { permission: 'production:work' } as const
const assign = { permission: 'production:assign' } as const
const configure = { permission: 'production:configure' } as const
const period = { from: Timestamp, until: Timestamp }
const days = { from: '2026-11-01T00:00:00.000Z', until: '2026-11-21T00:00:00.000Z' }
const machine = {
  name: 'Printer 1',
  technique: 'fdm',
  materials: [],
  sizeMm: { x: 250, y: 210, z: 210 },
} as const

export const floorOperations = {
  getBoard: {
    method: 'GET',
    path: '/board',
    summary: 'The board: what is free, what is worked on, what is to be checked and packed',
    description:
      'At most two hundred of each, the most urgent first. An operator sees free work and their own; who may assign sees all.',
    access: work,
    returns: Type.Object({
      free: Type.Array(Work),
      claimed: Type.Array(Work),
      started: Type.Array(Work),
      paused: Type.Array(Work),
      qualityCheck: Type.Array(OrderSummary),
      passed: Type.Array(OrderSummary),
      packed: Type.Array(OrderSummary),
      at: Timestamp,
    }),
  },
  getMe: {
    method: 'GET',
    path: '/me',
    summary: 'Me as an operator, and my shift, if I have one now or next',
    access: work,
    returns: Type.Object({ operator: Type.Optional(Operator), shift: Type.Optional(Shift) }),
  },
  listOperators: {
    method: 'GET',
    path: '/operators',
    summary: 'Operators by name',
    access: work,
    query: Type.Object(pageQuery),
    returns: pageOf(Operator),
    example: { query: {} },
  },
  setOperator: {
    method: 'PUT',
    path: '/operators/:operatorId',
    summary: 'Make a person an operator, or change what they can do',
    description:
      'What they may do follows from their roles; this says what they know. Whoever is made inactive keeps no claimed work.',
    access: configure,
    params: operatorParams,
    body: Type.Object(
      {
        skills: Type.Array(Technique, { uniqueItems: true, description: 'What they can do' }),
        active: Type.Boolean({ description: 'Whether they take work' }),
      },
      { additionalProperties: false },
    ),
    returns: Operator,
    etag: 'version',
    errors: ['personNotFound', 'operatorBusy'],
    example: { params: { operatorId }, body: { skills: ['fdm', 'pick'], active: true } },
  },
  listShifts: {
    method: 'GET',
    path: '/shifts',
    summary: 'Shifts that touch a period of at most 62 days',
    access: work,
    query: Type.Object(period),
    returns: Type.Object({ items: Type.Array(Shift) }),
    errors: ['periodNotRight'],
    example: { query: days },
  },
  createShift: {
    method: 'POST',
    path: '/shifts',
    summary: 'Plan a shift',
    access: assign,
    idempotent: true,
    body: Type.Object(
      { operatorId: Uuid, startsAt: Timestamp, endsAt: Timestamp },
      { additionalProperties: false },
    ),
    status: 201,
    returns: Shift,
    errors: ['periodNotRight', 'shiftOverlaps', 'notAnOperator'],
    example: {
      body: { operatorId, startsAt: '2026-11-23T08:00:00.000Z', endsAt: '2026-11-23T16:00:00.000Z' },
    },
  },
  removeShift: {
    method: 'DELETE',
    path: '/shifts/:shiftId',
    summary: 'Call off a shift',
    access: assign,
    params: Type.Object({ shiftId: Uuid }),
    example: { params: { shiftId } },
  },
  listMachines: {
    method: 'GET',
    path: '/machines',
    summary: 'The machines by name, and what each works on; two hundred at most',
    access: work,
    returns: Type.Object({ items: Type.Array(Machine) }),
  },
  createMachine: {
    method: 'POST',
    path: '/machines',
    summary: 'Add a machine',
    access: configure,
    idempotent: true,
    body: MachineDraft,
    status: 201,
    returns: Machine,
    etag: 'version',
    errors: ['machineNameTaken', 'tooManyMachines'],
    example: { body: machine },
  },
  updateMachine: {
    method: 'PUT',
    path: '/machines/:machineId',
    summary: 'Change a machine',
    access: configure,
    ifMatch: true,
    params: machineParams,
    body: MachineDraft,
    returns: Machine,
    etag: 'version',
    errors: ['machineNameTaken'],
    example: { params: { machineId }, body: machine },
  },
  setMachineState: {
    method: 'POST',
    path: '/machines/:machineId/state',
    summary: 'Say that a machine is ready, down or retired',
    description: 'Work that runs on it is paused, with the reason.',
    access: work,
    params: machineParams,
    body: Type.Object(
      {
        state: Type.Enum(['ready', 'down', 'retired'], {
          description: 'down: it is being mended; retired: for good, by who may configure',
        }),
        reason: Type.Optional(Words(300, 'Why; needed unless it is ready')),
      },
      { additionalProperties: false },
    ),
    returns: Machine,
    errors: ['reasonMissing', 'machineBusy'],
    example: { params: { machineId }, body: { state: 'ready' } },
  },
  listMaterials: {
    method: 'GET',
    path: '/materials',
    summary: 'Materials on hand, those that run out first; five hundred at most',
    access: work,
    returns: Type.Object({ items: Type.Array(Material) }),
  },
  adjustMaterial: {
    method: 'POST',
    path: '/materials/:material/:color',
    summary: 'Take material in, or write it off',
    access: assign,
    idempotent: true,
    params: materialParams,
    body: Type.Object(
      {
        grams: Type.Number({
          minimum: -1_000_000,
          maximum: 1_000_000,
          description: 'Added; below zero: taken out',
        }),
        gramsMinimum: Type.Optional(
          Type.Number({ minimum: 0, maximum: 1_000_000, description: 'Order more below this' }),
        ),
        reason: Words(300, 'Why'),
      },
      { additionalProperties: false },
    ),
    returns: Material,
    example: {
      params: { material: 'pla', color: 'white' },
      body: { grams: 1000, reason: 'A spool was delivered' },
    },
  },
  getSchedule: {
    method: 'GET',
    path: '/schedule',
    summary: 'What each machine would do when, from now on',
    description:
      'The five hundred most urgent works, laid on the machines that fit, by due date. It is counted anew each time and binds nobody.',
    access: work,
    returns: Type.Object({ items: Type.Array(Planned), at: Timestamp }),
  },
  getFigures: {
    method: 'GET',
    path: '/figures',
    summary: 'Throughput by day and how much machines and operators were used, for at most 92 days',
    access: assign,
    maxStalenessMs: 10_000,
    query: Type.Object(period),
    returns: Type.Object({
      days: Type.Array(DayFigures),
      machines: Type.Array(Utilisation),
      operators: Type.Array(Utilisation),
    }),
    errors: ['periodNotRight'],
    example: { query: days },
  },
} as const satisfies Record<string, Operation>
