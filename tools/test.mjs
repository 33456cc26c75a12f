/** `npm test`: installs what the tests need, builds the web app, and runs all tests with coverage of the server code. */
import { buildWeb } from './build-web.mjs'
import { ensureChromium } from './chromium.mjs'
import { install, run } from './install.mjs'

await install()
await buildWeb()
const chromium = await ensureChromium().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
const only = process.argv.slice(2)
process.exit(
  await run(['node_modules/vitest/vitest.mjs', 'run', ...(only.length > 0 ? only : ['--coverage'])], {
    CHROMIUM: chromium,
  }),
)
