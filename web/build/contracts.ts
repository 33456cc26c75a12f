/** What the browser needs of a contract: addresses, permissions and scopes, without the schemas and TypeBox. */
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
    ...(contract.scopes ? { scopes: contract.scopes } : {}),
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
      return slimExports(exported)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}\n`)
        .join('')
    },
  }
}

/** What a contract's module exports, for the browser: its contracts, slim, and its tables of words as they are. */
export function slimExports(exported: Readonly<Record<string, unknown>>): [string, object][] {
  return Object.entries(exported).flatMap(([name, value]): [string, object][] => {
    if (isContractData(value)) return [[name, slimContract(value)]]
    return isTableOfWords(value) ? [[name, value]] : []
  })
}

function isTableOfWords(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => typeof one === 'string')
  )
}

function isContractData(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && 'operations' in value && 'name' in value
}
