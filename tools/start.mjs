/** `npm start`: installs and builds what is missing, then runs the server with the pinned Node. */
import { buildWeb } from './build-web.mjs'
import { install, run } from './install.mjs'

await install()
await buildWeb()
process.exit(await run(['server/main.ts']))
