/** What a line of an order is, whoever is told of it. */

import type { StoredLine } from './records.ts'
import { present } from './rows.ts'

export function whatIsMade(line: StoredLine) {
  return {
    lineId: line.lineId,
    kind: line.kind,
    name: line.name,
    ...present('modelId', line.modelId),
    ...present('version', line.version),
    ...present('fileId', line.fileId),
    ...present('options', line.options),
    ...present('sku', line.sku),
    quantity: line.quantity,
    ...present('machineSeconds', line.machineSeconds),
    ...present('materialG', line.materialG),
  }
}
