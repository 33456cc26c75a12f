import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explainFolderError } from './refuse.ts'
import { DATA_VERSION, openDataFolder } from './secrets.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pleiad-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const refusal = (text: string) => ({ name: 'StartError', message: expect.stringContaining(text) })
function refused(open: () => unknown): unknown {
  try {
    open()
  } catch (error) {
    return error
  }
  throw new Error('it was not refused')
}

test('makes a secret once, readable by its owner alone, and derives the same keys from it ever after', () => {
  const data = path.join(folder, 'deep', 'data')
  const first = openDataFolder(data)
  const key = first.deriveKey('signing')
  expect(key).toHaveLength(32)
  expect(first.deriveKey('other').equals(key)).toBe(false)
  first.close()
  const file = path.join(data, 'secret.key')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, 0o644)
  const second = openDataFolder(data)
  expect(second.deriveKey('signing').equals(key)).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  second.close()
  expect(readdirSync(data).sort()).toEqual(['lock', 'secret.key', 'version'])
})

test('a given secret makes the same keys in another folder, and no file', () => {
  const secret = 'x'.repeat(43)
  const [a, b] = ['a', 'b'].map((name) => openDataFolder(path.join(folder, name), secret))
  expect(a!.deriveKey('p').equals(b!.deriveKey('p'))).toBe(true)
  expect(existsSync(path.join(folder, 'a', 'secret.key'))).toBe(false)
  a!.close()
  b!.close()
  expect(refused(() => openDataFolder(folder, 'short'))).toMatchObject(refusal('at least 32 characters'))
})

test('a second opening is refused while the first lasts', () => {
  const first = openDataFolder(folder)
  expect(refused(() => openDataFolder(folder))).toMatchObject(
    refusal(`Pleiad already runs on ${folder} (process ${process.pid}).`),
  )
  first.close()
  openDataFolder(folder).close()
})

test('the lock of a process that was killed with -9 is gone, whoever has its process id now', async () => {
  const module = fileURLToPath(new URL('./secrets.ts', import.meta.url))
  const program = `
    import { openDataFolder } from ${JSON.stringify(module)}
    // What nobody holds is collected, and its lock with it.
    globalThis.held = openDataFolder(${JSON.stringify(folder)})
    console.log('open')
    setInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => other.stdout.once('data', resolve))
  expect(refused(() => openDataFolder(folder))).toMatchObject(refusal(`(process ${other.pid})`))
  other.kill('SIGKILL')
  await new Promise((resolve) => other.once('exit', resolve))
  writeFileSync(path.join(folder, 'lock.pid'), `${process.pid}\n`)
  openDataFolder(folder).close()
})

test('data of a newer version is refused, and the folder is free afterwards', () => {
  openDataFolder(folder).close()
  writeFileSync(path.join(folder, 'version'), `${DATA_VERSION + 1}\n`)
  expect(refused(() => openDataFolder(folder))).toMatchObject(refusal('was written by a newer Pleiad'))
  writeFileSync(path.join(folder, 'version'), 'soup')
  expect(refused(() => openDataFolder(folder))).toMatchObject(refusal('is damaged'))
  writeFileSync(path.join(folder, 'version'), `${DATA_VERSION}\n`)
  openDataFolder(folder).close()
})

test('a lost or damaged secret beside data is refused, not replaced', () => {
  openDataFolder(folder).close()
  mkdirSync(path.join(folder, 'postgres'))
  rmSync(path.join(folder, 'secret.key'))
  expect(refused(() => openDataFolder(folder))).toMatchObject(refusal('secret.key is missing'))
  writeFileSync(path.join(folder, 'secret.key'), 'short')
  expect(refused(() => openDataFolder(folder))).toMatchObject(refusal('is damaged'))
})

test('what cannot be a data folder, or be locked, is refused with one line', () => {
  const file = path.join(folder, 'file')
  writeFileSync(file, '')
  expect(refused(() => openDataFolder(file))).toMatchObject(refusal('is not a folder'))
  expect(refused(() => openDataFolder(path.join(file, 'below')))).toMatchObject(refusal('is not a folder'))
  mkdirSync(path.join(folder, 'data', 'lock'), { recursive: true })
  expect(refused(() => openDataFolder(path.join(folder, 'data')))).toMatchObject(refusal('cannot be locked'))
})

test('a full disk is one line, and leaves no half-written secret', () => {
  const disk = path.join(folder, 'disk')
  mkdirSync(disk)
  const mounted =
    process.getuid?.() === 0 &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0
  try {
    if (mounted) {
      expect(() => writeFileSync(path.join(disk, 'ballast'), Buffer.alloc(1 << 20))).toThrow('ENOSPC')
      expect(refused(() => openDataFolder(disk))).toMatchObject(
        refusal(`The disk that holds ${disk} is full.`),
      )
      expect(existsSync(path.join(disk, 'secret.key'))).toBe(false)
      rmSync(path.join(disk, 'ballast'))
      openDataFolder(disk).close()
      expect(readFileSync(path.join(disk, 'secret.key'), 'utf8')).toHaveLength(44)
    }
    // Without the right to mount a small disk the error is made by hand.
    expect(explainFolderError(Object.assign(new Error('x'), { code: 'ENOSPC' }), disk)).toMatchObject(
      refusal(`The disk that holds ${disk} is full.`),
    )
  } finally {
    if (mounted) spawnSync('umount', [disk])
  }
})
