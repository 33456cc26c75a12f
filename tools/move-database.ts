/**
 * `npm run move-database crm`: moves the data of a service from the common database to the one that DATABASE_URLS
 * names for it. The installation has to be stopped; the settings are those of the server (PLEIAD_DATA, DATABASE_URL,
 * DATABASE_URLS, PLEIAD_SECRET). When it is broken off, it is run again.
 */
import { fileURLToPath } from 'node:url'
import { discoverServices } from '../platform/service/discover.ts'
import { moveDatabase } from '../platform/service/move.ts'
import { StartError } from '../platform/service/refuse.ts'

const [name, ...more] = process.argv.slice(2)
const log = { debug() {}, info: console.log, warn: console.warn, error: console.error }
try {
  if (!name || more.length > 0) throw new StartError('Name one service, as in: npm run move-database crm')
  const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
  const { tables, rows } = await moveDatabase(name, { services, env: process.env, log })
  console.log(`${name}: moved, ${rows} rows of ${tables} tables. Start again, with the same DATABASE_URLS.`)
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
