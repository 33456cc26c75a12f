/** Settings of editor, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  EDITOR_MAX_MB: Type.Integer({
    default: 512,
    minimum: 1,
    maximum: 2000,
    description: 'Largest model file that is read, in MiB; larger ones are rejected',
  }),
  EDITOR_MAX_TRIANGLES: Type.Integer({
    default: 5_000_000,
    minimum: 100,
    maximum: 20_000_000,
    description: 'Most triangles that a model may have',
  }),
  EDITOR_WORKERS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 64,
    description: 'Models that this process works on at once, each in a thread; 0: half of the cores',
  }),
  EDITOR_MEMORY_MB: Type.Integer({
    default: 2048,
    minimum: 64,
    maximum: 65_536,
    description: 'Memory of one such thread, in MiB; one that needs more is ended',
  }),
  EDITOR_SECONDS: Type.Integer({
    default: 120,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds that the work on one model may take; then its thread is ended',
  }),
  EDITOR_ATTEMPTS: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 10,
    description: 'How often the work on a model is tried before it is rejected as too complex',
  }),
  EDITOR_LEASE_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 600,
    description: 'Seconds after which the work of a process that died is taken up by another',
  }),
  EDITOR_MODEL_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3650,
    description: 'Days after which the files of a model that nobody ordered are deleted',
  }),
  EDITOR_STEP_COMMAND: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Path of a program that converts STEP: it is called with the STEP file and the binary STL file to write, in millimetres. Without it STEP is rejected',
    }),
  ),
})
export type EditorConfig = Static<typeof settings>
