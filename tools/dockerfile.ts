/** Reads deploy/Dockerfile and .dockerignore: as much of their language as ours use, and refuses the rest. */

export interface Step {
  readonly instruction: string
  /** `--from=web` becomes `{ from: 'web' }`. */
  readonly flags: Readonly<Record<string, string>>
  readonly rest: string
}

export interface Stage {
  readonly image: string
  /** The last stage has none. */
  readonly name: string | undefined
  readonly steps: readonly Step[]
}

const known = new Set('FROM WORKDIR COPY RUN ARG LABEL ENV USER VOLUME EXPOSE HEALTHCHECK CMD'.split(' '))

/** The stages of a Dockerfile, in order. Throws on an instruction that a rehearsal would not carry out. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const stages: { image: string; name: string | undefined; steps: Step[] }[] = []
  for (const line of lines) {
    const [, instruction, flagText, rest] = /^(\w+)((?:\s+--\S+)*)\s+(.*)$/.exec(line) ?? []
    if (!instruction || !known.has(instruction)) throw new Error(`Nobody knows how to rehearse: ${line}`)
    if (instruction === 'FROM') {
      const [, image, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest!) ?? []
      stages.push({ image: image!, name, steps: [] })
      continue
    }
    const flags = Object.fromEntries(
      [...flagText!.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
    )
    const stage = stages.at(-1)
    if (!stage) throw new Error(`${instruction} before FROM`)
    stage.steps.push({ instruction, flags, rest: rest! })
  }
  return stages
}

/** The `NAME=value` pairs of an ENV, ARG or LABEL. */
export function pairsOf(rest: string): Record<string, string> {
  return Object.fromEntries(
    [...rest.matchAll(/([\w.]+)=("[^"]*"|\S*)/g)].map(([, name, value]) => [
      name!,
      value!.replace(/^"|"$/g, ''),
    ]),
  )
}

/** Whether .dockerignore keeps `path` out of what the image is built from: the last line that fits decides. */
export function isIgnored(ignoreFile: string, path: string): boolean {
  const parents = path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'))
  let ignored = false
  for (const line of ignoreFile.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const fits = patternOf(line.replace(/^!/, ''))
    if (parents.some((parent) => fits.test(parent))) ignored = !line.startsWith('!')
  }
  return ignored
}

function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'))
  return new RegExp(`^${source}$`)
}
