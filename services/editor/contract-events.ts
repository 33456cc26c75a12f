/** What editor announces. */
import { type EventKind, Type, Uuid } from '@pleiad/platform/contract'
import {
  areaMm2,
  Name,
  PrintOptions,
  Reason,
  SizeMm,
  shells,
  triangles,
  version,
  volumeMm3,
  Warning,
} from './contract-schemas.ts'

const modelId = '01938a5e-7c00-7000-8000-0000000000d1'
const ownerId = '01938a5e-7c00-7000-8000-000000000001'
const of = { modelId: Uuid, version, ownerId: Uuid, name: Name }

export const editorEvents = {
  'model.ready': {
    version: 1,
    description:
      'A version of a model can be made: its mesh is in files as binary STL in millimetres. Announced once for each version; with `options` it is to be priced at once.',
    key: 'modelId',
    data: Type.Object({
      ...of,
      fileId: Type.String({
        format: 'uuid',
        description: 'The mesh: binary STL in millimetres, as it is to be made',
      }),
      sha256: Type.String({ description: 'SHA-256 of the mesh file, in hexadecimal' }),
      thumbnailFileId: Type.Optional(Type.String({ format: 'uuid', description: 'A picture, PNG' })),
      triangles,
      volumeMm3,
      areaMm2,
      sizeMm: SizeMm,
      shells,
      repaired: Type.Boolean({ description: 'It is a repair that the owner accepted, or was made from one' }),
      warnings: Type.Array(Warning, { description: 'What is worth knowing' }),
      options: Type.Optional(PrintOptions),
    }),
    example: {
      modelId,
      version: 1,
      ownerId,
      name: 'bracket.stl',
      fileId: '01938a5e-7c00-7000-8000-0000000000f2',
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      triangles: 12,
      volumeMm3: 1000,
      areaMm2: 600,
      sizeMm: { x: 10, y: 10, z: 10 },
      shells: 1,
      repaired: false,
      warnings: [],
    },
  },
  'model.rejected': {
    version: 1,
    description: 'A version of a model cannot be made; the reasons say why.',
    key: 'modelId',
    data: Type.Object({ ...of, reasons: Type.Array(Reason, { minItems: 1 }) }),
    example: {
      modelId,
      version: 1,
      ownerId,
      name: 'bracket.stl',
      reasons: [{ code: 'formatUnknown', detail: 'The file is a JPEG picture.' }],
    },
  },
  'model.decision.needed': {
    version: 1,
    description:
      'The owner has to say something before a version can go on: its unit, or whether a repair is right.',
    key: 'modelId',
    data: Type.Object({
      ...of,
      needs: Type.Enum(['units', 'repair'], { description: 'What has to be said' }),
    }),
    example: { modelId, version: 1, ownerId, name: 'bracket.stl', needs: 'repair' },
  },
  'model.deleted': {
    version: 1,
    description:
      'A model is gone with all its versions: by its owner, with its owner, or because it was never ordered.',
    key: 'modelId',
    data: Type.Object({ modelId: Uuid, ownerId: Uuid }),
    example: { modelId, ownerId },
  },
  'model.work.due': {
    version: 1,
    description: 'A version waits to be worked on, or the lease of who does has ended. For editor itself.',
    key: 'modelId',
    data: Type.Object({ modelId: Uuid, version }),
    example: { modelId, version: 1 },
  },
} as const satisfies Record<string, EventKind>
