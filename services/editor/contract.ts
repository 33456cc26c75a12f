/** Editor: models that are uploaded, checked, repaired and placed until they can be made. */
import { defineContract, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import { editorErrors } from './contract-errors.ts'
import { editorEvents } from './contract-events.ts'
import {
  Intake,
  Model,
  Name,
  OpenedModel,
  Placement,
  PrintOptions,
  Stage,
  State,
  Unit,
  Version,
  version,
} from './contract-schemas.ts'

export type {
  Intake,
  Model,
  OpenedModel,
  Placement,
  PrintOptions,
  ProblemCode,
  Reason,
  ReasonCode,
  Report,
  Stage,
  State,
  Unit,
  Version,
  WarningCode,
} from './contract-schemas.ts'
export { problemCodes, reasonCodes, warningCodes } from './contract-schemas.ts'

const modelId = '01938a5e-7c00-7000-8000-0000000000d1'
const fileId = '01938a5e-7c00-7000-8000-0000000000f1'
const modelParams = Type.Object({ modelId: Uuid })
const versionParams = Type.Object({ modelId: Uuid, version })
const source = {
  fileId: Type.String({
    format: 'uuid',
    description: 'A file of files that is ready, yours, and has the purpose `model`',
  }),
  unit: Type.Optional(Unit),
  options: Type.Optional(PrintOptions),
  acceptRepair: Type.Optional(
    Type.Boolean({ default: false, description: 'Accept what can be repaired without asking' }),
  ),
}
const sourceErrors = ['fileNotAModel', 'modelExists', 'tooManyModelsWaiting'] as const

export const editor = defineContract({
  name: 'editor',
  version: '1.0.0',
  summary: 'Models to be made: read, checked, repaired, placed; with versions, thumbnails and retention.',
  operations: {
    getIntake: {
      method: 'GET',
      path: '/intake',
      summary: 'Which model files are read here, and how large they may be',
      description: 'For pages that ask for a file: what is not listed is rejected after it was uploaded.',
      access: 'public',
      returns: Intake,
    },
    createModel: {
      method: 'POST',
      path: '/models',
      summary: 'Make a model of an uploaded file',
      description:
        'STL, OBJ, 3MF; STEP where the installation can read it. It is read and checked in the background: the topic `models` and `getModel` tell how far it is. With `options` it is priced as soon as it is ready.',
      access: 'user',
      rate: 'heavy',
      idempotent: true,
      status: 201,
      body: Type.Object({ ...source, name: Type.Optional(Name) }, { additionalProperties: false }),
      returns: Model,
      etag: 'revision',
      errors: sourceErrors,
      example: { body: { fileId, unit: 'mm' } },
    },
    listModels: {
      method: 'GET',
      path: '/models',
      summary: 'My models, newest first',
      access: 'user',
      query: Type.Object({
        ...pageQuery,
        cursor: Type.Optional(Type.String({ format: 'uuid', description: '`next` of the page before' })),
        state: Type.Optional(State),
      }),
      returns: pageOf(Model),
    },
    getModel: {
      method: 'GET',
      path: '/models/:modelId',
      summary: 'A model with its versions',
      description: 'For its owner, and for those who may see the models of all customers (`models:read`).',
      access: 'user',
      params: modelParams,
      returns: OpenedModel,
      etag: 'revision',
      example: { params: { modelId } },
    },
    renameModel: {
      method: 'PATCH',
      path: '/models/:modelId',
      summary: 'Give a model another name',
      access: 'user',
      params: modelParams,
      ifMatch: true,
      body: Type.Object({ name: Name }, { additionalProperties: false }),
      returns: Model,
      etag: 'revision',
      example: { params: { modelId }, body: { name: 'Bracket, left' } },
    },
    deleteModel: {
      method: 'DELETE',
      path: '/models/:modelId',
      summary: 'Delete a model with all its versions and files',
      access: 'user',
      params: modelParams,
      errors: ['modelKept'],
      example: { params: { modelId } },
    },
    addVersion: {
      method: 'POST',
      path: '/models/:modelId/versions',
      summary: 'Upload a model again: a new version of another file',
      access: 'user',
      rate: 'heavy',
      idempotent: true,
      status: 201,
      params: modelParams,
      body: Type.Object(source, { additionalProperties: false }),
      returns: Model,
      etag: 'revision',
      errors: [...sourceErrors, 'tooManyVersions'],
      example: { params: { modelId }, body: { fileId } },
    },
    getVersion: {
      method: 'GET',
      path: '/models/:modelId/versions/:version',
      summary: 'A version with its report and the faces that have problems',
      description: 'For its owner, and for those who may see the models of all customers (`models:read`).',
      access: 'user',
      params: versionParams,
      returns: Version,
      example: { params: { modelId, version: 1 } },
    },
    setUnit: {
      method: 'POST',
      path: '/models/:modelId/versions/:version/unit',
      summary: 'Say in which unit a file was made, where it does not say so itself',
      description: 'The version is worked on again.',
      access: 'user',
      rate: 'heavy',
      params: versionParams,
      body: Type.Object({ unit: Unit }, { additionalProperties: false }),
      returns: Model,
      etag: 'revision',
      errors: ['versionNotWaiting'],
      example: { params: { modelId, version: 1 }, body: { unit: 'in' } },
    },
    acceptRepair: {
      method: 'POST',
      path: '/models/:modelId/versions/:version/accept-repair',
      summary: 'Take the repaired mesh as a new version, which is ready',
      access: 'user',
      params: versionParams,
      idempotent: true,
      status: 201,
      returns: Model,
      etag: 'revision',
      errors: ['versionNotWaiting', 'tooManyVersions'],
      example: { params: { modelId, version: 1 } },
    },
    placeModel: {
      method: 'POST',
      path: '/models/:modelId/versions/:version/place',
      summary: 'Scale and turn a version: a new version',
      access: 'user',
      rate: 'heavy',
      idempotent: true,
      status: 201,
      params: versionParams,
      body: Type.Object(
        { placement: Placement, options: Type.Optional(PrintOptions) },
        { additionalProperties: false },
      ),
      returns: Model,
      etag: 'revision',
      errors: ['versionNotReady', 'rotationNotRight', 'tooManyVersions', 'tooManyModelsWaiting'],
      example: { params: { modelId, version: 1 }, body: { placement: { orient: true } } },
    },
    createPlate: {
      method: 'POST',
      path: '/plates',
      summary: 'Put several parts on one plate: a new model',
      access: 'user',
      rate: 'heavy',
      idempotent: true,
      status: 201,
      body: Type.Object(
        {
          name: Name,
          plateMm: Type.Object(
            {
              x: Type.Number({ minimum: 10, maximum: 10_000, description: 'Millimetres' }),
              y: Type.Number({ minimum: 10, maximum: 10_000, description: 'Millimetres' }),
            },
            { additionalProperties: false, description: 'Room on the plate' },
          ),
          gapMm: Type.Optional(
            Type.Number({ minimum: 0.5, maximum: 100, default: 5, description: 'Room between parts' }),
          ),
          parts: Type.Array(
            Type.Object(
              {
                modelId: Uuid,
                version,
                quantity: Type.Integer({ minimum: 1, maximum: 200, description: 'How many of it' }),
                placement: Type.Optional(Placement),
              },
              { additionalProperties: false },
            ),
            { minItems: 1, maxItems: 50, description: 'What is put on it' },
          ),
          options: Type.Optional(PrintOptions),
        },
        { additionalProperties: false },
      ),
      returns: Model,
      etag: 'revision',
      errors: ['versionNotReady', 'rotationNotRight', 'tooManyModelsWaiting'],
      example: {
        body: {
          name: 'Ten brackets',
          plateMm: { x: 220, y: 220 },
          parts: [{ modelId, version: 1, quantity: 10 }],
        },
      },
    },
  },
  events: editorEvents,
  errors: editorErrors,
  topics: {
    models: {
      description: 'How far my models have come.',
      data: Type.Object({
        modelId: Uuid,
        version,
        state: State,
        stage: Type.Optional(Stage),
      }),
    },
  },
  permissions: {
    'models:read': 'See the models of all customers: for the office and production.',
  },
})
