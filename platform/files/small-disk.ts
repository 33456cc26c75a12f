/** For tests: makes the disk below a folder as full as a small one, in this process. */
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Until the result is called, writes of this process fail with ENOSPC when `folder` would have more than `bytes`. */
export async function limitDisk(folder: string, bytes: number): Promise<() => void> {
  await mkdir(folder, { recursive: true })
  const probe = join(folder, 'probe')
  const handle = await open(probe, 'w')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  await rm(probe)
  const write = prototype.write
  prototype.write = async function (this: FileHandle, ...args: unknown[]) {
    const length = args[2] as number
    const room = bytes - (await sizeOf(folder))
    if (room <= 0)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    // As a real disk does: the last of the room is filled.
    return write.apply(this, [args[0], args[1], Math.min(length, room), args[3]] as never)
  } as never
  return () => {
    prototype.write = write
  }
}
