/** What a version is made of, what may become of it, and how it looks: pure functions. */
import type {
  Model,
  OpenedModel,
  Placement,
  PrintOptions,
  Reason,
  Report,
  Version,
  WarningCode,
} from './contract.ts'
import type { Kind, Stage, State, Unit } from './contract-schemas.ts'

export const MAX_VERSIONS = 100
/** Versions of one person that are worked on, or wait for it. */
export const MAX_WORKING = 50

export type Format = NonNullable<Version['format']>

/** Parts of other models and where they are put, with what is needed to make them again. */
export interface Plate {
  readonly plateMm: { readonly x: number; readonly y: number }
  readonly gapMm: number
  readonly parts: readonly {
    readonly fileId: string
    readonly quantity: number
    readonly placement: Placement
  }[]
}

/** How a version is made of others; uploaded files need none. */
export type Plan =
  | { readonly kind: 'placed'; readonly fileId: string; readonly placement: Placement }
  | ({ readonly kind: 'plate' } & Plate)

export interface Repair {
  readonly report: Report
  readonly changes: NonNullable<Version['repair']>['changes']
}

export interface StoredModel {
  readonly modelId: string
  readonly ownerId: string
  readonly name: string
  readonly createdAt: Date
  readonly revision: number
  readonly latest: number
}

export interface StoredVersion {
  readonly modelId: string
  readonly version: number
  readonly ownerId: string
  readonly kind: Kind
  readonly fromVersion: number | null
  readonly state: State
  readonly stage: Stage | null
  readonly createdAt: Date
  readonly sourceFileId: string | null
  readonly format: Format | null
  readonly unit: Unit | null
  readonly acceptRepair: boolean
  readonly plan: Plan | null
  readonly options: PrintOptions | null
  readonly meshFileId: string | null
  readonly sha256: string | null
  readonly thumbnailFileId: string | null
  readonly repairFileId: string | null
  readonly repairSha256: string | null
  readonly report: Report | null
  readonly repair: Repair | null
  readonly repaired: boolean
  readonly warnings: readonly WarningCode[] | null
  readonly reasons: readonly Reason[] | null
  readonly attempts: number
  readonly leaseUntil: Date | null
}

/** What is said when a version begins. */
export type NewVersion = Pick<
  StoredVersion,
  | 'modelId'
  | 'version'
  | 'ownerId'
  | 'kind'
  | 'fromVersion'
  | 'sourceFileId'
  | 'unit'
  | 'acceptRepair'
  | 'plan'
  | 'options'
  | 'repaired'
>

/** Drops what is null: a contract knows absent fields only. */
function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as never
}

export function viewVersion(version: StoredVersion): Version {
  const { repair, repairFileId } = version
  return {
    version: version.version,
    kind: version.kind,
    state: version.state,
    createdAt: version.createdAt.toISOString(),
    ...present({
      from: version.fromVersion,
      stage: version.stage,
      sourceFileId: version.sourceFileId,
      format: version.format,
      unit: version.unit,
      fileId: version.meshFileId,
      thumbnailFileId: version.thumbnailFileId,
      sha256: version.sha256,
      report: version.report,
      repair: repair && repairFileId ? { fileId: repairFileId, ...repair } : null,
      warnings: version.warnings && [...version.warnings],
      reasons: version.reasons && [...version.reasons],
      options: version.options,
    }),
  }
}

/** A version in a list: which faces have problems is told by `getVersion` alone. */
function summarize(version: Version): Version {
  const shorten = (report: Report): Report => ({
    ...report,
    problems: report.problems.map((problem) => ({ ...problem, faces: [], lines: [] })),
  })
  const { report, repair } = version
  return {
    ...version,
    ...(report ? { report: shorten(report) } : {}),
    ...(repair ? { repair: { ...repair, report: shorten(repair.report) } } : {}),
  }
}

export function viewModel(model: StoredModel, latest: StoredVersion): Model {
  return {
    modelId: model.modelId,
    ownerId: model.ownerId,
    name: model.name,
    createdAt: model.createdAt.toISOString(),
    revision: model.revision,
    latest: summarize(viewVersion(latest)),
  }
}

/** @param versions newest first, at least one */
export function viewOpened(model: StoredModel, versions: readonly StoredVersion[]): OpenedModel {
  return {
    ...viewModel(model, versions[0]!),
    versions: versions.map((version) => summarize(viewVersion(version))),
  }
}

/** Every file that a version has. */
export function filesOf(version: StoredVersion): string[] {
  const { sourceFileId, meshFileId, thumbnailFileId, repairFileId } = version
  return [sourceFileId, meshFileId, thumbnailFileId, repairFileId].filter((id) => id !== null)
}

/** Whether nine numbers are a rotation: rows of length one, at right angles, not mirrored. To a thousandth. */
export function isRotation(rotation: readonly number[]): boolean {
  const [a, b, c, d, e, f, g, h, i] = rotation as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const near = (value: number, wanted: number) => Math.abs(value - wanted) < 1e-3
  return (
    near(a * a + b * b + c * c, 1) &&
    near(d * d + e * e + f * f, 1) &&
    near(g * g + h * h + i * i, 1) &&
    near(a * d + b * e + c * f, 0) &&
    near(a * g + b * h + c * i, 0) &&
    near(d * g + e * h + f * i, 0) &&
    near(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g), 1)
  )
}

/** A rotation may be given or found, not both. */
export const placementIsRight = ({ rotation, orient }: Placement): boolean =>
  rotation === undefined || (isRotation(rotation) && orient !== true)
