/** On a real PostgreSQL: what the vault promises, and that keys can be changed under readers and writers. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../contract/problem.ts'
import { type TestDatabase, testDatabase } from '../testing/postgres.ts'
import { migrate } from './migrate.ts'
import { prepareSchema, roleUrl } from './roles.ts'
import { type RotationStep, rotateKeys } from './rotation.ts'
import { guardSealedColumns } from './sealed-columns.ts'
import { openStore, type Store } from './store.ts'
import { closedVault, keyIdOf, openVault, type SealedColumn, type Vault } from './vault.ts'

const master = randomBytes(32)
const belongsTo = (id: string) => `secret of ${id}`
const columns: SealedColumn[] = [
  { table: 'secrets', id: 'id', column: 'value', belongsTo },
  { table: 'secrets', id: 'id', column: 'other', belongsTo: (id) => `other of ${id}` },
]
const platform = fileURLToPath(new URL('./migrations/', import.meta.url))

let database: TestDatabase
let folder = ''
let schema = ''
let url = ''
let store: Store
let count = 0

beforeAll(async () => {
  database = await testDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'pleiad-vault-'))
  writeFileSync(
    path.join(folder, '0001-secrets.sql'),
    'create table secrets (id int primary key, value bytea, other bytea, note text);',
  )
})
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  schema = `v${count++}`
  const owner = { schema, password: 'p' }
  await prepareSchema(database.adminUrl, owner)
  url = roleUrl(database.adminUrl, owner)
  await declare(columns)
  store = openStore({ url, schema, poolSize: 4, statementTimeoutMs: 15_000 })
})
afterEach(() => store.close())

/** What happens at every start. */
const declare = (sealed: readonly SealedColumn[]) =>
  migrate({
    url,
    schema,
    folders: [platform, folder],
    log: { info() {} },
    finish: (sql) => guardSealedColumns(sql, schema, sealed),
  })
const open = (refreshMs?: number) =>
  openVault(store.sql, master, refreshMs === undefined ? {} : { refreshMs })
const rotate = (more: Partial<Parameters<typeof rotateKeys>[0]> = {}) =>
  rotateKeys({ url, schema, columns, master, settleMs: 0, batch: 7, ...more })
const keyIds = async () => (await store.sql`select id from vault_keys order by id`).map(({ id }) => id)

async function put(vault: Vault, id: number, text: string): Promise<void> {
  await store.transact(async (tx) => {
    const value = await vault.seal(text, belongsTo(String(id)))
    await tx`insert into secrets (id, value) values (${id}, ${value}) on conflict (id) do update set value = excluded.value`
  })
}

async function get(vault: Vault, id: number): Promise<string> {
  const [row] = await store.sql<{ value: Buffer }[]>`select value from secrets where id = ${id}`
  return (await vault.open(row!.value, belongsTo(String(id)))).toString()
}

describe('a sealed value', () => {
  test('opens for what it belongs to and for nothing else; any changed byte is noticed', async () => {
    const vault = await open()
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.string(),
        fc.string(),
        fc.nat(),
        async (plain, owner, other, at) => {
          const sealed = await vault.seal(Buffer.from(plain), owner)
          expect(await vault.open(sealed, owner)).toEqual(Buffer.from(plain))
          if (other !== owner) await expect(vault.open(sealed, other)).rejects.toThrow('does not open')
          const broken = Buffer.from(sealed)
          broken[at % broken.length]! ^= 1
          await expect(vault.open(broken, owner)).rejects.toThrow()
        },
      ),
      { numRuns: 50 },
    )
    await expect(vault.open(Buffer.from('short'), 'x')).rejects.toThrow('not a value that the vault sealed')
  })

  test('never looks the same twice, and shows nothing of what it is', async () => {
    const vault = await open()
    const [one, two] = [await vault.seal('the secret', 'x'), await vault.seal('the secret', 'x')]
    expect(one.subarray(5)).not.toEqual(two.subarray(5))
    expect(one.includes('secret')).toBe(false)
  })

  test('looks for a newer key with a full pool, all of whose transactions want one lock, and holds none of them up', async () => {
    const crowd = openStore({ url, schema, poolSize: 4, statementTimeoutMs: 3000 })
    try {
      await store.sql`insert into secrets (id) values (0)`
      const vault = await openVault(crowd.sql, master, { refreshMs: 0 })
      const work = (id: number) =>
        crowd.transact(async (tx) => {
          await tx`select 1 from secrets where id = 0 for update`
          const value = await vault.seal('plain', belongsTo(String(id)))
          await tx`insert into secrets (id, value) values (${id}, ${value})`
        })
      // Looking takes a connection as well. If each waited for it in turn, statements behind the lock would time out.
      const done = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => work(index + 1)))
      expect(done.filter(({ status }) => status === 'rejected')).toEqual([])
    } finally {
      await crowd.close()
    }
  })

  test('moved to another row is refused', async () => {
    const vault = await open()
    await put(vault, 1, 'one')
    await put(vault, 2, 'two')
    await store.sql`update secrets s set value = t.value from secrets t where s.id = 2 and t.id = 1`
    expect(await get(vault, 1)).toBe('one')
    await expect(get(vault, 2)).rejects.toThrow('was changed, or belongs to something else')
  })

  test('does not open with the database alone: the keys in it are sealed, too', async () => {
    await put(await open(), 1, 'one')
    await expect(openVault(store.sql, randomBytes(32))).rejects.toThrow(/does not open: PLEIAD_SECRET/)
  })

  test('opens in every process: two that start at once agree on one key', async () => {
    const [one, two] = await Promise.all([open(), open()])
    expect(await keyIds()).toEqual([1])
    expect((await two!.open(await one!.seal('text', 'x'), 'x')).toString()).toBe('text')
  })

  test('is all that the database takes there', async () => {
    await open()
    await expect(store.sql`insert into secrets (id, value) values (1, 'plain text')`).rejects.toThrow(
      'secrets.value holds only what the vault sealed',
    )
    await expect(
      store.sql`insert into secrets (id, other) values (1, ${Buffer.alloc(200, 1)})`,
    ).rejects.toMatchObject({ code: '40001' })
    await store.sql`insert into secrets (id) values (1)`
  })
})

describe('declarations', () => {
  test('must fit the tables', async () => {
    const wrongly = (column: Partial<SealedColumn>) => declare([{ ...columns[0]!, ...column }])
    await expect(wrongly({ table: 'nothing' })).rejects.toThrow(
      'nothing.value as sealed, which is no bytea column',
    )
    await expect(wrongly({ column: 'note' })).rejects.toThrow(
      'secrets.note as sealed, which is no bytea column',
    )
    await expect(wrongly({ id: 'note' })).rejects.toThrow('secrets.note as the id of sealed values')
  })

  test('are kept up to date: what is declared no more is guarded no more', async () => {
    await Promise.all([declare(columns), declare(columns)])
    await declare(columns.slice(0, 1))
    await store.sql`insert into secrets (id, other) values (1, 'plain')`
    await expect(store.sql`insert into secrets (id, value) values (2, 'plain')`).rejects.toThrow('holds only')
  })

  test('are needed: without one there is no vault', async () => {
    await expect(closedVault.seal('x', 'y')).rejects.toThrow('declares no `sealed` columns')
    await expect(closedVault.open(Buffer.alloc(0), 'y')).rejects.toThrow('declares no `sealed` columns')
  })
})

describe('a rotation', () => {
  test('puts everything under a new key and deletes the old one; all of it still opens', async () => {
    const vault = await open()
    for (let id = 0; id < 30; id++) await put(vault, id, `text ${id}`)
    await store.transact(async (tx) => {
      await tx`update secrets set other = ${await vault.seal('other', 'other of 3')} where id = 3`
      await tx`insert into secrets (id) values (99)`
    })
    const before = await store.sql<{ value: Buffer }[]>`select value from secrets where id = 1`
    const steps: RotationStep[] = []
    const result = await rotate({ progress: (step) => void steps.push(step) })
    expect(result).toEqual({ key: 2, rewrapped: 31, damaged: [] })
    expect(await keyIds()).toEqual([2])
    const rows = await store.sql<{ value: Buffer }[]>`select value from secrets where value is not null`
    expect(new Set(rows.map(({ value }) => keyIdOf(value)))).toEqual(new Set([2]))
    // The values themselves are as they were; only their keys are wrapped anew.
    const after = await store.sql<{ value: Buffer }[]>`select value from secrets where id = 1`
    expect(after[0]!.value.subarray(65)).toEqual(before[0]!.value.subarray(65))
    expect(after[0]!.value.subarray(0, 65)).not.toEqual(before[0]!.value.subarray(0, 65))
    // A process that knew only the old key, and one that starts now.
    for (const reader of [vault, await open()]) expect(await get(reader, 29)).toBe('text 29')
    expect(steps[0]).toEqual({ step: 'began', key: 2, resumed: false })
    expect(steps).toContainEqual({ step: 'rewrapped', column: 'secrets.value', done: 30, of: 30 })
    expect(steps.at(-1)).toEqual({ step: 'deleted', keys: [1] })
  })

  test('changes the key again and again', async () => {
    const vault = await open()
    await put(vault, 1, 'one')
    for (const key of [2, 3, 4]) expect((await rotate()).key).toBe(key)
    expect(await get(vault, 1)).toBe('one')
    expect(await keyIds()).toEqual([4])
  })

  test('what is sealed under a key that is gone cannot be written, and a transaction does it again with the new one', async () => {
    const late = await open(0)
    const early = await (await open()).seal('early', belongsTo('1'))
    await rotate()
    const write = (value: Buffer) => store.sql`insert into secrets (id, value) values (1, ${value})`
    await expect(write(early)).rejects.toMatchObject({ code: '40001' })
    let attempts = 0
    await store.transact(async (tx) => {
      const value = attempts++ === 0 ? early : await late.seal('late', belongsTo('1'))
      await tx`insert into secrets (id, value) values (1, ${value})`
    })
    expect(attempts).toBe(2)
    expect(await get(late, 1)).toBe('late')
    const stubborn = store.transact((tx) => tx`update secrets set value = ${early}`.then(() => {}))
    await expect(stubborn).rejects.toThrow(Refusal)
  })

  test('waits for a writer who is at work, and misses nothing of theirs', async () => {
    const vault = await open()
    let release = () => {}
    const written = new Promise<void>((resolve) => {
      void store.transact(async (tx) => {
        await tx`insert into secrets (id, value) values (1, ${await vault.seal('slow', belongsTo('1'))})`
        resolve()
        await new Promise<void>((go) => {
          release = go
        })
      })
    })
    await written
    let done = false
    const rotating = rotate().then((result) => {
      done = true
      return result
    })
    await expect
      .poll(async () => (await store.sql`select 1 from pg_locks where not granted`).length, {
        timeout: 10_000,
      })
      .toBeGreaterThan(0)
    expect(done).toBe(false)
    release()
    expect(await rotating).toEqual({ key: 2, rewrapped: 1, damaged: [] })
    expect(await get(vault, 1)).toBe('slow')
  })

  test('races with writers and readers of several processes: every value opens, always', async () => {
    const vaults = await Promise.all([open(5), open(50), open(1_000_000)])
    for (let id = 0; id < 20; id++) await put(vaults[0]!, id, `text ${id}`)
    const ids = new Set(Array.from({ length: 20 }, (_, id) => id))
    let stop = false
    let writes = 0
    const work = vaults.map(async (vault, n) => {
      for (let turn = 0; !stop; turn++) {
        const id = n * 1_000 + (turn % 40)
        // The third process never looks for a new key by itself: the database refuses it, and it can try again.
        const ok = await put(vault, id, `text ${id}`).then(
          () => true,
          (error) => {
            expect(error).toBeInstanceOf(Refusal)
            return false
          },
        )
        if (ok) {
          ids.add(id)
          writes++
        }
        const known = [...ids][turn % ids.size]!
        expect(await get(vaults[(n + 1) % 3]!, known)).toBe(`text ${known}`)
      }
    })
    for (let n = 0; n < 4; n++) await rotate({ batch: 3 })
    stop = true
    await Promise.all(work)
    expect(writes).toBeGreaterThan(10)
    const fresh = await open()
    for (const id of ids) expect(await get(fresh, id)).toBe(`text ${id}`)
    expect(await keyIds()).toEqual([5])
  }, 60_000)

  test('two at once: one is refused', async () => {
    await put(await open(), 1, 'one')
    const stop = new AbortController()
    const first = rotate({ settleMs: 60_000, signal: stop.signal })
    await expect.poll(keyIds).toEqual([1, 2])
    await expect(rotate()).rejects.toThrow(`The keys of ${schema} are being rotated already`)
    stop.abort()
    await expect(first).rejects.toThrow(/abort/i)
    expect((await rotate()).key).toBe(2)
  })

  test('that was broken off is finished by the next one, with the same key', async () => {
    const vault = await open()
    for (let id = 0; id < 30; id++) await put(vault, id, `text ${id}`)
    const stop = new AbortController()
    const broken = rotate({
      signal: stop.signal,
      progress: (step) => {
        if (step.step === 'rewrapped' && step.done >= 14) stop.abort(new Error('broken off'))
      },
    })
    await expect(broken).rejects.toThrow('broken off')
    expect(await keyIds()).toEqual([1, 2])
    expect(await get(vault, 0)).toBe('text 0')
    expect(await get(vault, 29)).toBe('text 29')
    const steps: RotationStep[] = []
    const result = await rotate({ progress: (step) => void steps.push(step) })
    expect(steps[0]).toEqual({ step: 'began', key: 2, resumed: true })
    expect(result).toEqual({ key: 2, rewrapped: 16, damaged: [] })
    expect(await keyIds()).toEqual([2])
  })

  test('waits for processes to learn of the new key, and can be broken off there, too', async () => {
    await put(await open(), 1, 'one')
    const stop = new AbortController()
    let seconds = 0
    const waiting = rotate({
      settleMs: 60_000,
      signal: stop.signal,
      progress: (step) => {
        if (step.step !== 'waiting') return
        seconds = step.seconds
        setTimeout(() => stop.abort())
      },
    })
    await expect(waiting).rejects.toThrow(/abort/i)
    expect(seconds).toBeGreaterThan(50)
    expect(await keyIds()).toEqual([1, 2])
    expect(await rotate()).toEqual({ key: 2, rewrapped: 0, damaged: [] })
  })

  test('that was killed is finished by the next one', async () => {
    const vault = await open()
    for (let id = 0; id < 30; id++) await put(vault, id, `text ${id}`)
    // Says when it is in the middle of it, and then does nothing any more, so that it is killed there.
    const program = `
      import { rotateKeys } from ${JSON.stringify(new URL('./rotation.ts', import.meta.url).href)}
      await rotateKeys({
        url: ${JSON.stringify(url)}, schema: ${JSON.stringify(schema)}, settleMs: 0, batch: 7,
        master: Buffer.from('${master.toString('hex')}', 'hex'),
        columns: [{ table: 'secrets', id: 'id', column: 'value', belongsTo: (id) => 'secret of ' + id }],
        progress: (step) => {
          if (step.step !== 'rewrapped') return
          console.log('in the middle')
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
        },
      })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await keyIds()).toEqual([1, 2])
    for (const id of [0, 29]) expect(await get(vault, id)).toBe(`text ${id}`)
    // PostgreSQL may need a moment to see that nobody is there any more.
    await expect
      .poll(() => rotate().catch((error) => error.message))
      .toEqual({ key: 2, rewrapped: 23, damaged: [] })
    expect(await keyIds()).toEqual([2])
  })

  test('leaves what does not open as it is, keeps its key and says which it was', async () => {
    const vault = await open()
    for (const id of [1, 2, 3]) await put(vault, id, `text ${id}`)
    await store.sql`update secrets s set value = t.value from secrets t where s.id = 2 and t.id = 1`
    expect(await rotate()).toEqual({ key: 2, rewrapped: 2, damaged: ['secrets.value 2'] })
    expect(await keyIds()).toEqual([1, 2])
    expect(await get(vault, 3)).toBe('text 3')
    await store.sql`delete from secrets where id = 2`
    expect(await rotate()).toMatchObject({ damaged: [] })
    expect(await keyIds()).toEqual([2])
  })

  test('works where nothing was sealed yet', async () => {
    expect(await rotate()).toEqual({ key: 1, rewrapped: 0, damaged: [] })
    await put(await open(), 1, 'one')
    expect(await get(await open(), 1)).toBe('one')
  })
})
