/** What the operations pages ask the server for. */
import { api } from '../api.ts'

export const mapKey = ['operations', 'map'] as const
export const lettersKey = ['operations', 'dead-letters'] as const

export async function loadMap(signal: AbortSignal) {
  return (await api.operations.getMap({ signal })).services
}
export type MapData = Awaited<ReturnType<typeof loadMap>>
