/** What lives as long as the process. */
import type { Tools } from '@pleiad/platform/service'
import { type Bell, createBell } from './service-bell.ts'
import { publishFirst } from './service-publish.ts'
import { createShelf, type Shelf } from './service-shelf.ts'
import type { MesConfig } from './settings.ts'

export interface Own {
  readonly config: MesConfig
  readonly shelf: Shelf
  readonly bell: Bell
}

export async function createOwn(tools: Tools<MesConfig>): Promise<Own> {
  await publishFirst(tools)
  return { config: tools.config, shelf: createShelf(), bell: createBell(tools) }
}
