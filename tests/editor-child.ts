/** The server that the test of interrupted work on models kills: files and editor. Its argument is what it needs, as JSON. */
import { startHost } from '../platform/service/host.ts'
import editor from '../services/editor/service.ts'
import files from '../services/files/service.ts'

const { env, jwk } = JSON.parse(process.argv[2]!) as {
  env: Record<string, string>
  jwk: Record<string, unknown>
}
const host = await startHost({ services: [editor, files], env, extraKeys: [jwk] })
process.stdout.write(`${host.url}\n`)
process.on('SIGTERM', () => void host.stop().then(() => process.exit(0)))
