/** Writes `.br` and `.gz` beside every built text file, so that the gateway compresses nothing while it serves. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const SMALLEST = 1024

/** Compresses the text files below `folder`. Files under 1 KiB and `index.html`, which gets a nonce per request, stay as they are. */
export async function precompress(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true })
  await Promise.all(
    names
      .filter((name) => /\.(js|css|svg|json)$/.test(name))
      .map(async (name) => {
        const path = join(folder, name)
        if ((await stat(path)).size < SMALLEST) return
        const content = await readFile(path)
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
        await writeFile(`${path}.br`, await promisify(brotliCompress)(content, quality))
        await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }))
      }),
  )
}

/** Vite plugin that runs `precompress` on the finished build. */
export function precompressed(): Plugin {
  let folder = ''
  return {
    name: 'pleiad-precompressed',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    async closeBundle() {
      await precompress(folder)
    },
  }
}
