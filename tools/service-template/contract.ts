/** Gadgets of a person: all that a neighbour or the web may know. */
import {
  defineContract,
  pageOf,
  pageQuery,
  type Static,
  Timestamp,
  Type,
  Uuid,
} from '@pleiad/platform/contract'

const Name = Type.String({ minLength: 1, maxLength: 100, description: 'What its owner calls it' })

export const Gadget = Type.Object({
  gadgetId: Uuid,
  name: Name,
  version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type Gadget = Static<typeof Gadget>

const gadgetParams = Type.Object({ gadgetId: Uuid })
const gadgetId = '01938a5e-7c00-7000-8000-000000000001'

export const workshop = defineContract({
  name: 'workshop',
  version: '1.0.0',
  summary: 'Gadgets, each belonging to one person.',
  errors: {
    gadgetNameTaken: {
      status: 409,
      title: 'You already have a gadget of this name.',
      description: 'Names are unique among the gadgets of one person. Choose another name.',
    },
  },
  operations: {
    createGadget: {
      method: 'POST',
      path: '/gadgets',
      summary: 'Make a gadget',
      access: 'user',
      body: Type.Object({ name: Name }),
      status: 201,
      returns: Gadget,
      etag: 'version',
      errors: ['gadgetNameTaken'],
      idempotent: true,
      example: { body: { name: 'First' } },
    },
    listGadgets: {
      method: 'GET',
      path: '/gadgets',
      summary: 'My gadgets, newest first',
      access: 'user',
      query: Type.Object(pageQuery),
      returns: pageOf(Gadget),
    },
    getGadget: {
      method: 'GET',
      path: '/gadgets/:gadgetId',
      summary: 'One of my gadgets',
      access: 'user',
      params: gadgetParams,
      returns: Gadget,
      etag: 'version',
      example: { params: { gadgetId } },
    },
    updateGadget: {
      method: 'PATCH',
      path: '/gadgets/:gadgetId',
      summary: 'Change a gadget',
      access: 'user',
      params: gadgetParams,
      body: Type.Object({ name: Name }),
      returns: Gadget,
      etag: 'version',
      ifMatch: true,
      errors: ['gadgetNameTaken'],
      example: { params: { gadgetId }, body: { name: 'Second' } },
    },
  },
  events: {
    'gadget.created': {
      version: 1,
      description: 'A person made a gadget.',
      data: Type.Object({ gadgetId: Uuid, ownerId: Uuid, name: Name }),
      key: 'gadgetId',
      example: { gadgetId, ownerId: '01938a5e-7c00-7000-8000-000000000002', name: 'First' },
    },
  },
})
