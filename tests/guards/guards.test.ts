/** Every guard of `npm run check` fails on a bad example and passes on a good one. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineContract, Type } from '@pleiad/platform/contract'
import { defineService } from '@pleiad/platform/service'
import { afterEach, describe, expect, test } from 'vitest'
import { boundaryTroubles } from '../../tools/guards/boundaries.ts'
import { isAllowedLicence, licenceTroubles, pinTroubles } from '../../tools/guards/dependencies.ts'
import { descriptionTroubles } from '../../tools/guards/descriptions.ts'
import { environmentTroubles } from '../../tools/guards/environment.ts'
import { lengthHints } from '../../tools/guards/lengths.ts'
import { outboundTroubles } from '../../tools/guards/outbound.ts'
import { generateProtobuf, protobufTroubles } from '../../tools/guards/protobuf.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder with the given files. */
function tree(files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-guard-'))
  made.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), typeof text === 'string' ? text : JSON.stringify(text))
  }
  return folder
}

describe('boundaries', () => {
  const good = {
    'package.json': {
      name: 'pleiad',
      type: 'module',
      workspaces: ['platform', 'services/*', 'server', 'web', 'workshop'],
    },
    'platform/package.json': {
      name: '@pleiad/platform',
      type: 'module',
      exports: { './contract': './contract/contract.ts', './store': './store/store.ts' },
    },
    'platform/contract/contract.ts': 'export const defineContract = 1',
    'platform/store/store.ts': 'export const openStore = 1',
    'services/shop/package.json': {
      name: '@pleiad/shop',
      type: 'module',
      exports: { '.': './service.ts', './contract': './contract.ts' },
    },
    'services/shop/contract.ts':
      "import { defineContract } from '@pleiad/platform/contract'\nexport const shop = defineContract",
    'services/shop/orders.ts':
      "import { createHash } from 'node:crypto'\nimport { shop } from './contract.ts'\nimport { money } from './money.ts'\nexport const orders = [shop, money, createHash]",
    'services/shop/money.ts': 'export const money = 1',
    'services/shop/store.ts':
      "import { openStore } from '@pleiad/platform/store'\nexport const store = openStore",
    'services/shop/routes.ts':
      "import { mail } from '@pleiad/mail/contract'\nimport { orders } from './orders.ts'\nimport { store } from './store.ts'\nexport const routes = [mail, orders, store]",
    'services/shop/service.ts': "import { routes } from './routes.ts'\nexport default routes",
    'services/mail/package.json': {
      name: '@pleiad/mail',
      type: 'module',
      exports: { '.': './service.ts', './contract': './contract.ts' },
    },
    'services/mail/contract.ts': 'export const mail = 1',
    'services/mail/letters.ts': 'export const letters = 1',
    'services/mail/service.ts': "import { letters } from './letters.ts'\nexport default letters",
    'server/main.ts':
      "import { defineContract } from '@pleiad/platform/contract'\nexport const main = defineContract",
    'services/mail/parts.ts':
      "import { volume } from '@pleiad/workshop/mesh/volume'\nexport const parts = volume",
    'workshop/package.json': {
      name: '@pleiad/workshop',
      type: 'module',
      exports: { './mesh/*': './mesh/*.ts', './price/*': './price/*.ts' },
    },
    'workshop/mesh/volume.ts': 'export const volume = 1',
    'workshop/price/price.ts': "import { volume } from '../mesh/volume.ts'\nexport const price = volume",
    'web/src/main.ts':
      "import { shop } from '@pleiad/shop/contract'\nimport { price } from '@pleiad/workshop/price/price'\nexport const app = [shop, price]",
  } as const

  function linked(files: Readonly<Record<string, string | object>>): string {
    const folder = tree({ ...good, ...files })
    mkdirSync(join(folder, 'node_modules/@pleiad'), { recursive: true })
    for (const [name, path] of [
      ['platform', 'platform'],
      ['shop', 'services/shop'],
      ['mail', 'services/mail'],
      ['workshop', 'workshop'],
    ] as const)
      symlinkSync(`../../${path}`, join(folder, 'node_modules/@pleiad', name))
    return folder
  }

  test('a tree that keeps to the rule passes', async () => {
    expect(await boundaryTroubles(linked({}))).toEqual([])
  })

  test.each([
    [
      'services-see-contracts-only',
      'services/shop/routes.ts',
      "import mail from '@pleiad/mail'\nexport const routes = mail",
    ],
    [
      'services-stand-below',
      'services/shop/routes.ts',
      "import { main } from '../../server/main.ts'\nexport const routes = main",
    ],
    [
      'domain-is-pure',
      'services/shop/orders.ts',
      "import { store } from './store.ts'\nexport const orders = store",
    ],
    [
      'domain-is-pure',
      'services/shop/orders.ts',
      "import { openStore } from '@pleiad/platform/store'\nexport const orders = openStore",
    ],
    [
      'domain-is-pure',
      'services/shop/orders.ts',
      "import type { store } from './store.ts'\nexport type Orders = typeof store",
    ],
    [
      'domain-does-no-io',
      'services/shop/orders.ts',
      "import { readFileSync } from 'node:fs'\nexport const orders = readFileSync",
    ],
    [
      'platform-knows-no-service',
      'platform/store/store.ts',
      "import { shop } from '@pleiad/shop/contract'\nexport const openStore = shop",
    ],
    [
      'platform-knows-no-service',
      'platform/store/store.ts',
      "import { volume } from '@pleiad/workshop/mesh/volume'\nexport const openStore = volume",
    ],
    [
      'workshop-stands-alone',
      'workshop/price/price.ts',
      "import { shop } from '@pleiad/shop/contract'\nexport const price = shop",
    ],
    [
      'workshop-stands-alone',
      'workshop/price/price.ts',
      "import { openStore } from '@pleiad/platform/store'\nexport const price = openStore",
    ],
    [
      'workshop-does-no-io',
      'workshop/mesh/volume.ts',
      "import { readFileSync } from 'node:fs'\nexport const volume = readFileSync",
    ],
    [
      'leaves services/mail by a relative path',
      'services/mail/parts.ts',
      "import { volume } from '../../workshop/mesh/volume.ts'\nexport const parts = volume",
    ],
    [
      'web-sees-contracts-only',
      'web/src/main.ts',
      "import shop from '@pleiad/shop'\nexport const app = shop",
    ],
    [
      'web-sees-contracts-only',
      'web/src/main.ts',
      "import { openStore } from '@pleiad/platform/store'\nexport const app = openStore",
    ],
    [
      'nobody-imports-the-server',
      'platform/store/store.ts',
      "import { main } from '../../server/main.ts'\nexport const openStore = main",
    ],
    [
      'no-cycles',
      'services/shop/money.ts',
      "import { orders } from './orders.ts'\nexport const money = orders",
    ],
    [
      'no-unresolvable',
      'services/shop/money.ts',
      "import { orders } from './nowhere.ts'\nexport const money = orders",
    ],
    [
      'leaves services/shop by a relative path',
      'services/shop/routes.ts',
      "import { mail } from '../mail/contract.ts'\nexport const routes = mail",
    ],
  ])('%s: %s', async (rule, path, text) => {
    const troubles = await boundaryTroubles(linked({ [path]: text }))
    expect(troubles.filter((line) => line.includes(rule) && line.startsWith(path))).not.toEqual([])
  })
})

describe('environment', () => {
  test.each([
    'process.env.PORT',
    "process.env['PORT']",
    'process?.env',
    "process['env']",
    "import { env } from 'node:process'",
    'import.meta.env.PORT',
  ])('%s in a service fails', (text) => {
    expect(environmentTroubles(tree({ 'services/a/routes.ts': `const a = 1\n${text}` }))).toEqual([
      'services/a/routes.ts:2 reads the environment; declare a setting instead',
    ])
  })

  test('comments, tests and the platform may speak of it', () => {
    const files = {
      'services/a/routes.ts': '// process.env is not read here\n/* nor process.env\n here */',
      'services/a/a.test.ts': 'process.env.X',
      'platform/b.ts': 'process.env.X',
    }
    expect(environmentTroubles(tree(files))).toEqual([])
  })
})

describe('outbound', () => {
  test.each([
    "const answer = await fetch('http://x')",
    'globalThis.fetch(url)',
    'new WebSocket(url)',
    "import { request } from 'undici'",
    "import { get } from 'node:https'",
    "import https from 'https'",
    "const { connect } = await import('node:net')",
    "import { lookup } from 'node:dns/promises'",
  ])('%s in a service fails', (text) => {
    expect(outboundTroubles(tree({ 'services/a/service-ask.ts': `const a = 1\n${text}` }))).toEqual([
      'services/a/service-ask.ts:2 goes to the network by itself; use tools.fetchOutside',
    ])
  })

  test('the guarded way, types, comments, tests and the platform are fine', () => {
    const files = {
      'services/a/routes.ts':
        "import type { IncomingMessage } from 'node:http'\n// never fetch(url)\nawait tools.fetchOutside(url)\nstore.fetch(id)",
      'services/a/a.test.ts': 'await fetch(url)',
      'services/a/testing-bed.ts': "import { createServer } from 'node:http'",
      'platform/b.ts': "import { request } from 'undici'",
    }
    expect(outboundTroubles(tree(files))).toEqual([])
  })
})

describe('lengths', () => {
  test('long files and services are named; tests and generated code do not count', () => {
    const lines = (count: number) => 'x\n'.repeat(count)
    const files = {
      'services/a/b.ts': lines(251),
      'services/a/c.ts': lines(250),
      'services/a/d.ts': lines(250),
      'services/a/e.ts': lines(250),
      'services/a/a.test.ts': lines(900),
      'services/a/a_pb.ts': lines(900),
    }
    expect(lengthHints(tree(files))).toEqual([
      'services/a/b.ts: 251 lines (guide: 250)',
      'services/a: 1001 lines (guide: 900)',
    ])
    expect(lengthHints(tree({ 'services/a/b.ts': lines(250) }))).toEqual([])
  })
})

describe('dependencies', () => {
  test.each(['MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT', 'BlueOak-1.0.0', 'MPL-2.0'])(
    '%s is allowed',
    (licence) => expect(isAllowedLicence(licence)).toBe(true),
  )
  test.each(['GPL-3.0', 'MIT AND GPL-3.0', 'AGPL-3.0-only', 'SEE LICENSE IN x', 'UNLICENSED', ''])(
    '%j is not',
    (licence) => expect(isAllowedLicence(licence)).toBe(false),
  )

  test('a package without an allowed licence is named', () => {
    const folder = tree({
      'package-lock.json': {
        packages: {
          '': { license: 'GPL-3.0' },
          'node_modules/a': { license: 'MIT' },
          'node_modules/b': { license: 'GPL-3.0' },
          'node_modules/c': {},
          'node_modules/d': {},
          'node_modules/e': {},
          'node_modules/own': { link: true },
        },
      },
      'node_modules/d/package.json': { licenses: [{ type: 'MIT' }] },
      'node_modules/e/package.json': { license: { type: 'ISC' } },
    })
    expect(licenceTroubles(folder)).toEqual([
      'node_modules/b is under GPL-3.0, which is not on the list',
      'node_modules/c does not state a licence',
    ])
  })

  test('a version that may move is named', () => {
    const files = {
      'package.json': {
        dependencies: { a: '1.2.3', b: '^1.2.3' },
        devDependencies: { c: 'latest', d: 'npm:other@2.0.0' },
      },
      'services/x/package.json': { dependencies: { e: '1.0.0-beta.1', f: '*' } },
    }
    expect(pinTroubles(tree(files))).toEqual([
      'package.json: b is ^1.2.3; pin one exact version',
      'package.json: c is latest; pin one exact version',
      'services/x/package.json: f is *; pin one exact version',
    ])
  })
})

describe('descriptions', () => {
  const service = (bare: boolean) => {
    const text = bare ? '' : 'What it is'
    return defineService({
      contract: defineContract({
        name: 'shop',
        version: '1.0.0',
        summary: text,
        operations: { buy: { method: 'POST', path: '/buy', summary: text, access: 'public' } },
        events: {
          bought: {
            version: 1,
            description: text,
            data: Type.Object({ id: Type.String() }),
            key: 'id',
            example: bare ? undefined : { id: '1' },
          },
        },
        errors: { soldOut: { status: 409, title: text, description: text } },
        permissions: { 'shop:run': text },
        scopes: { 'shop:read': text },
        topics: { 'shop.open': { description: text, data: Type.Object({}) } },
      }),
      url: import.meta.url,
      settings: Type.Object({ SHOP_NAME: Type.String({ default: '', description: text }) }),
      metrics: { sales: { description: text } },
      jobs: { count: { description: text, schedule: '* * * * *', run: async () => {} } },
      routes: () => ({ buy: async () => {} }),
    })
  }

  test('what is described passes', () => {
    expect(descriptionTroubles([service(false)], { PORT: { description: 'Port to listen on' } })).toEqual([])
  })

  test('whatever is not described is named', () => {
    expect(descriptionTroubles([service(true)], { PORT: {} })).toEqual([
      'platform: setting PORT has no description',
      'shop: the contract has no summary',
      'shop: operation buy has no summary',
      'shop: event bought has no description',
      'shop: event bought has no example',
      'shop: topic shop.open has no description',
      'shop: permission shop:run has no description',
      'shop: scope shop:read has no description',
      'shop: error soldOut has no title',
      'shop: error soldOut has no description',
      'shop: metric sales has no description',
      'shop: job count has no description',
      'shop: setting SHOP_NAME has no description',
    ])
  })
})

describe('tools', () => {
  const run = (name: string, folder: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', name), args, {
      cwd: folder,
      encoding: 'utf8',
    })
    return { status, output: stdout + stderr }
  }
  const base = {
    'package.json': { name: 'x', type: 'module', main: 'main.ts' },
    'knip.json': { entry: ['main.ts!', '*.test.ts'], project: ['**/*.ts!', '!*.test.ts!'] },
    'used.ts': 'export const used = 1\n',
    'main.ts': "import { used } from './used.ts'\n\nconsole.log(used)\n",
  }

  test('knip refuses dead code', () => {
    expect(run('knip', tree(base), '--no-config-hints').status).toBe(0)
    const dead = run(
      'knip',
      tree({
        ...base,
        'used.ts': 'export const used = 1\nexport const forgotten = 2\n',
        'lost.ts': 'export const lost = 1\n',
      }),
      '--no-config-hints',
    )
    expect(dead.status).toBe(1)
    expect(dead.output).toMatch(/forgotten[\s\S]*|lost\.ts/)
  })

  test('knip --production refuses code that only tests use', () => {
    const files = {
      ...base,
      'used.ts': 'export const used = 1\nexport const tested = 2\n',
      'a.test.ts': "import { tested } from './used.ts'\n\nconsole.log(tested)\n",
    }
    expect(run('knip', tree(files), '--no-config-hints').status).toBe(0)
    expect(run('knip', tree(files), '--no-config-hints', '--production').output).toContain('tested')
  })

  test('tsc refuses wrong types and syntax that must be compiled', () => {
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] }, include: ['*.ts'] }
    const check = (text: string) =>
      run(
        'tsc',
        tree({ 'tsconfig.json': config, 'package.json': { type: 'module' }, 'a.ts': text }),
        '-p',
        '.',
      )
    expect(check('export const a: number = 1').status).toBe(0)
    expect(check("export const a: number = '1'").output).toContain('TS2322')
    expect(check('export enum A { b }').output).toContain('TS1294')
  })

  test('biome refuses any', () => {
    const check = (text: string) =>
      run('biome', tree({ 'a.ts': text }), 'check', '--vcs-enabled=false', `--config-path=${root}`, 'a.ts')
    expect(check('export const a = 1\n').status).toBe(0)
    expect(check('export const a: any = 1\n').output).toContain('noExplicitAny')
  })
})

describe('protobuf', () => {
  test('what was not generated from the .proto as it is now is stale, and what nothing generates is told', () => {
    const file = (name: string) => readFileSync(join(root, name), 'utf8')
    const proto = (field: string) =>
      `syntax = "proto3";\npackage shop.v1;\nmessage Order { string ${field} = 1; }\n`
    const folder = tree({
      'buf.yaml': file('buf.yaml'),
      'buf.gen.yaml': file('buf.gen.yaml'),
      'services/shop/orders.proto': proto('id'),
    })
    expect(protobufTroubles(folder)).toEqual(['services/shop/orders_pb.ts is stale; run npm run generate'])
    generateProtobuf(folder)
    expect(protobufTroubles(folder)).toEqual([])
    writeFileSync(join(folder, 'services/shop/orders.proto'), proto('number'))
    writeFileSync(join(folder, 'services/shop/old_pb.ts'), '')
    expect(protobufTroubles(folder)).toEqual([
      'services/shop/orders_pb.ts is stale; run npm run generate',
      'services/shop/old_pb.ts is generated by nothing; remove it',
    ])
  })
})
