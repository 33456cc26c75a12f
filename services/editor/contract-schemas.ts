/** What models look like to those who may see them. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const Name = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'What its owner calls the model',
})
export const Unit = Type.Enum(['micron', 'mm', 'cm', 'm', 'in', 'ft'], {
  description: 'Unit of the coordinates in the file, where the file does not say it',
})
export type Unit = Static<typeof Unit>
const Slug = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,59}$', description: 'Id in the price book' })

export const PrintOptions = Type.Object(
  {
    technology: Type.Enum(['fdm', 'sla', 'sls'], { description: 'How it is made' }),
    material: Slug,
    color: Slug,
    layerHeightMm: Type.Number({ exclusiveMinimum: 0, maximum: 2, description: 'Millimetres' }),
    infillPercent: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'How much of the inside is filled; 100 but for fdm',
    }),
    supports: Type.Enum(['auto', 'none'], { description: 'Whether overhangs are held up' }),
    finish: Slug,
    quantity: Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many' }),
  },
  { additionalProperties: false, description: 'How a model is to be made' },
)
export type PrintOptions = Static<typeof PrintOptions>

export const SizeMm = Type.Object(
  {
    x: Type.Number({ minimum: 0, description: 'Millimetres' }),
    y: Type.Number({ minimum: 0, description: 'Millimetres' }),
    z: Type.Number({ minimum: 0, description: 'Millimetres' }),
  },
  { description: 'Extent along each axis' },
)

/** Why a model was rejected. The web has words for each, in both languages. */
export const reasonCodes = [
  'fileMissing',
  'fileTooLarge',
  'formatUnknown',
  'stepNotSupported',
  'stepFailed',
  'fileDamaged',
  'fileUnsafe',
  'noTriangles',
  'tooManyTriangles',
  'coordinatesNotRight',
  'noVolume',
  'notRepairable',
  'plateTooSmall',
  'tooLarge',
  'tooComplex',
  'noRoom',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

/** What a report finds. The web has words for each, in both languages. */
export const problemCodes = [
  'holes',
  'nonManifoldEdges',
  'flippedFaces',
  'insideOutShells',
  'duplicateFaces',
  'degenerateFaces',
  'sliverFaces',
  'selfIntersections',
  'thinWalls',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** What is worth knowing of a model that is ready: problems that stay, and these. */
export const warningCodes = [...problemCodes, 'severalShells', 'notAllChecked'] as const
export type WarningCode = (typeof warningCodes)[number]

export const Reason = Type.Object({
  code: Type.Enum(reasonCodes, { description: 'Stable code; clients have words for it' }),
  detail: Type.String({ description: 'What is wrong with this very file, in words' }),
})
export type Reason = Static<typeof Reason>
export const Warning = Type.Enum(warningCodes, { description: 'Stable code; clients have words for it' })

const count = (description: string) => Type.Integer({ minimum: 0, description })
export const triangles = count('How many triangles')
export const volumeMm3 = Type.Number({ description: 'Cubic millimetres' })
export const areaMm2 = Type.Number({ minimum: 0, description: 'Square millimetres' })
export const shells = count('Bodies that are not connected')

export const Report = Type.Object({
  triangles,
  shells,
  sizeMm: SizeMm,
  volumeMm3,
  areaMm2,
  cavities: count('Closed hollows inside'),
  watertight: Type.Boolean({ description: 'It has an inside and an outside, without a hole between them' }),
  problems: Type.Array(
    Type.Object({
      code: Type.Enum(problemCodes, { description: 'Stable code; clients have words for it' }),
      count: count('How many places'),
      faces: Type.Array(count('Number of a triangle in the mesh file, from zero'), {
        description: 'Where, to be shown: the first of them',
      }),
      lines: Type.Array(Type.Number({ description: 'Millimetres' }), {
        description: 'Where along edges: two points each, six numbers; the first of them',
      }),
    }),
    { description: 'What was found, each kind once' },
  ),
})
export type Report = Static<typeof Report>

export const State = Type.Enum(['processing', 'needsUnits', 'needsRepair', 'repaired', 'ready', 'rejected'], {
  description:
    'needsUnits: its size is unlikely in millimetres, say the unit with setUnit; needsRepair: look at `repair`, then acceptRepair; repaired: its repair was accepted and is a version of its own',
})
export type State = Static<typeof State>
export const Stage = Type.Enum(['waiting', 'reading', 'checking', 'repairing', 'storing'], {
  description: 'How far the work has come',
})
export type Stage = Static<typeof Stage>
export const Kind = Type.Enum(['original', 'repaired', 'placed', 'plate'], {
  description: 'original: as uploaded; the others were made from versions before',
})
export type Kind = Static<typeof Kind>

export const Vector = Type.Object(
  {
    x: Type.Number({ minimum: 0.001, maximum: 1000, description: 'A factor' }),
    y: Type.Number({ minimum: 0.001, maximum: 1000, description: 'A factor' }),
    z: Type.Number({ minimum: 0.001, maximum: 1000, description: 'A factor' }),
  },
  { additionalProperties: false, description: 'A factor for each axis' },
)
export const Placement = Type.Object(
  {
    scale: Type.Optional(Vector),
    rotation: Type.Optional(
      Type.Array(Type.Number({ minimum: -1, maximum: 1 }), {
        minItems: 9,
        maxItems: 9,
        description: 'Rotation matrix, row by row; applied after the scale',
      }),
    ),
    orient: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Turned so that it needs the least support; instead of a rotation',
      }),
    ),
  },
  { additionalProperties: false, description: 'Scaled, then turned, then put on the plate' },
)
export type Placement = Static<typeof Placement>

export const version = Type.Integer({ minimum: 1, description: 'Versions of a model are counted from one' })
const fileOf = (description: string) => Type.Optional(Type.String({ format: 'uuid', description }))

const Format = Type.Enum(['stl', 'obj', '3mf', 'step'], { description: 'Format of a model file' })

export const Intake = Type.Object({
  formats: Type.Array(Format, { description: 'Formats that are read here' }),
  maxMb: Type.Integer({ description: 'Largest file that is read, in MiB' }),
  maxTriangles: Type.Integer({ description: 'Most triangles that a model may have' }),
})
export type Intake = Static<typeof Intake>

export const Version = Type.Object({
  version,
  kind: Kind,
  from: Type.Optional(Type.Integer({ minimum: 1, description: 'The version it was made from' })),
  state: State,
  stage: Type.Optional(Stage),
  createdAt: Timestamp,
  sourceFileId: fileOf('The file as it was uploaded'),
  format: Type.Optional(Type.Enum(['stl', 'obj', '3mf', 'step'], { description: 'Format of that file' })),
  unit: Type.Optional(
    Type.Enum(['micron', 'mm', 'cm', 'm', 'in', 'ft'], {
      description: 'Unit of the file; with needsUnits: the likeliest',
    }),
  ),
  fileId: fileOf('The mesh: binary STL in millimetres, Z up. Download it with a link of files'),
  thumbnailFileId: fileOf('A picture, PNG 512 by 512'),
  sha256: Type.Optional(Type.String({ description: 'SHA-256 of the mesh file, in hexadecimal' })),
  report: Type.Optional(Report),
  repair: Type.Optional(
    Type.Object(
      {
        fileId: Type.String({
          format: 'uuid',
          description: 'The mesh as it would be: binary STL in millimetres',
        }),
        report: Report,
        changes: Type.Object({
          weldedVertices: count('Corners that were joined with others at the same place'),
          removedFaces: count(
            'Triangles that had no area, or were there twice, or were sheets without thickness',
          ),
          closedGaps: count('Corners that were moved to close gaps'),
          splitEdges: count('Edges of more than two triangles that were taken apart'),
          turnedFaces: count('Triangles that faced the wrong way'),
          turnedShells: count('Bodies that were inside out'),
          filledHoles: count('Holes that were closed'),
          addedFaces: count('Triangles that close them'),
        }),
      },
      { description: 'What a repair would make of it, to compare before it is accepted' },
    ),
  ),
  warnings: Type.Optional(Type.Array(Warning, { description: 'When ready: what is worth knowing' })),
  reasons: Type.Optional(Type.Array(Reason, { description: 'When rejected: why' })),
  options: Type.Optional(PrintOptions),
})
export type Version = Static<typeof Version>

export const Model = Type.Object({
  modelId: Uuid,
  ownerId: Type.String({ format: 'uuid', description: 'Whose it is' }),
  name: Name,
  createdAt: Timestamp,
  revision: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
  latest: Version,
})
export type Model = Static<typeof Model>

export const OpenedModel = Type.Object({
  ...Model.properties,
  versions: Type.Array(Version, { description: 'Newest first; at most a hundred' }),
})
export type OpenedModel = Static<typeof OpenedModel>
