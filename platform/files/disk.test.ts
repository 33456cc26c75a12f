import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { filesConformance } from './conformance.ts'
import { openDisk } from './disk.ts'
import { limitDisk } from './small-disk.ts'

const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'pleiad-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

filesConformance('a folder', async () => openDisk(folder))

async function* blocks(count: number) {
  for (let n = 0; n < count; n++) yield Buffer.alloc(1024 * 1024, n)
}

test('what failed leaves nothing behind but what it says', async () => {
  const own = mkdtempSync(join(folder, 'own-'))
  const { store } = openDisk(own)
  await expect(
    store.put(
      'a/b',
      (async function* () {
        yield Buffer.from('x')
        throw new Error('broken')
      })(),
    ),
  ).rejects.toThrow('broken')
  expect(readdirSync(join(own, 'growing'))).toEqual([])
  expect((await store.space())!).toBeGreaterThan(0)
})

// Root can have a small disk; everybody else gets one that says so after as many bytes.
const disk = mkdtempSync(join(tmpdir(), 'pleiad-small-disk-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
})
test('a full disk is told, and the length stays what is kept', async () => {
  if (!mounted) onTestFinished(await limitDisk(disk, 4 * MIB))
  const { store } = openDisk(disk)
  const growing = await store.begin('large')
  await store.append(growing, 0, blocks(2))
  await expect(store.append(growing, 2 * 1024 * 1024, blocks(9))).rejects.toMatchObject({ reason: 'full' })
  const kept = (await store.lengthOf(growing))!
  expect(kept).toBeGreaterThanOrEqual(2 * 1024 * 1024)
  expect(kept).toBeLessThanOrEqual(4 * 1024 * 1024)
  await expect(store.put('other', blocks(9))).rejects.toMatchObject({ reason: 'full' })
  expect(await store.head('other')).toBeUndefined()
  // Room again: it goes on from where it is.
  await store.discard(growing)
  await store.put('other', blocks(3))
  expect(await store.head('other')).toMatchObject({ size: 3 * 1024 * 1024 })
})
