/** `npm run config`: every setting, its kind, its default and what it does. `--markdown` prints the table of the documentation. */
import { fileURLToPath } from 'node:url'
import { discoverServices } from '../platform/service/discover.ts'
import { configurationTable, kindOf, sectionsOf } from './settings-table.ts'

const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')

if (process.argv.includes('--markdown')) process.stdout.write(configurationTable(services))
else {
  console.log('Settings are environment variables, all optional. Marked * is set now.')
  for (const { title, settings } of sectionsOf(services)) {
    console.log(`\n${title}`)
    const width = Math.max(...Object.keys(settings).map((name) => name.length))
    for (const [name, setting] of Object.entries(settings)) {
      const initial =
        setting.default === undefined || setting.default === '' ? '' : `, default ${setting.default}`
      console.log(`${process.env[name] ? '*' : ' '} ${name.padEnd(width)}  ${setting.description}`)
      console.log(`  ${' '.repeat(width)}  (${kindOf(setting).replaceAll('`', '')}${initial})`)
    }
  }
}
