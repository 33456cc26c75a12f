/** What the browser needs of a contract: addresses, error titles and permissions, without the schemas and TypeBox. */
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vite'
import type { Contract } from '../../platform/contract/contract.ts'

/** The part of `contract` that the typed client and the pages read; the schemas stay on the server. */
export function slimContract(contract: Contract): object {
  const operations = Object.entries(contract.operations).map(([name, { method, path, root, version }]) => [
    name,
    { method, path, ...(root ? { root } : {}), ...(version ? { version } : {}) },
  ])
  return {
    name: contract.name,
    version: contract.version,
    summary: contract.summary,
    operations: Object.fromEntries(operations),
    permissions: contract.permissions ?? {},
  }
}

/** Vite plugin: `services/<name>/contract.ts` becomes its slim data while the app is built. */
export function slimContracts(): Plugin {
  const isContract = /\/services\/[a-z0-9-]+\/contract\.ts$/
  let edits = 0
  return {
    name: 'pleiad-slim-contracts',
    enforce: 'pre',
    async load(id) {
      const file = id.split('?')[0]!
      if (!isContract.test(file)) return null
      // The query makes the dev server see edits of the contract.
      const exported: Record<string, unknown> = await import(`${pathToFileURL(file).href}?edit=${edits++}`)
      const contracts = Object.entries(exported).filter((pair): pair is [string, Contract] =>
        isContractData(pair[1]),
      )
      return contracts
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(slimContract(value))}`)
        .join('\n')
        .concat('\n')
    },
  }
}

function isContractData(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && 'operations' in value && 'name' in value
}
