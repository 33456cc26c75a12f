/** The typed clients of the workshop's services. Apart from `../api.ts`, so that the first load does not carry them. */
import { crm } from '@pleiad/crm/contract'
import { editor } from '@pleiad/editor/contract'
import { files } from '@pleiad/files/contract'
import { mes } from '@pleiad/mes/contract'
import { operators } from '@pleiad/operators/contract'
import { partners } from '@pleiad/partners/contract'
import { createClient } from '@pleiad/platform/client'
import { shop } from '@pleiad/shop/contract'
import { sessionFetch } from '../session.ts'

const options = { fetch: sessionFetch }

export const forge = {
  crm: createClient(crm, options),
  editor: createClient(editor, options),
  files: createClient(files, options),
  mes: createClient(mes, options),
  operators: createClient(operators, options),
  partners: createClient(partners, options),
  shop: createClient(shop, options),
}

/** A fresh key for a request that must count once, however often it is sent. */
export const onceKey = (): string => crypto.randomUUID()
