/**
 * Writes `*_pb.ts` from the `.proto` files and `docs/generated/` from the contracts, and records in `published.json` what others may rely on from now on.
 * A breaking change is not recorded: `check` refuses it until the schema has a new version.
 * `--release` records everything as it is: for the moment before a first release, when nobody relies on anything.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  compatibility,
  filesBelow,
  GENERATED,
  generatedDocuments,
  loadServices,
  PUBLISHED,
} from './documents.ts'
import { generateProtobuf } from './guards/protobuf.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
generateProtobuf(folder)
const services = await loadServices(folder)
const documents = generatedDocuments(services)
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

for (const path of filesBelow(join(folder, GENERATED)).map((name) => `${GENERATED}/${name}`))
  if (!(path in documents) && path !== PUBLISHED) rmSync(join(folder, path))
for (const [path, text] of Object.entries(documents)) write(path, text)

const { troubles, now } = compatibility(folder, services)
if (troubles.length === 0 || process.argv.includes('--release'))
  write(PUBLISHED, `${JSON.stringify(now, null, 1)}\n`)
else {
  console.error(`These changes break what was published:\n${troubles.map((line) => `  ${line}`).join('\n')}`)
  console.error(
    'Put a second version of the event or operation beside the first, or give the service a new major version.',
  )
  process.exitCode = 1
}
console.log(`${Object.keys(documents).length} documents in ${GENERATED}`)
