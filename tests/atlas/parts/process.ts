/** Processes of their own for the tests of Atlas: strangers that the installation talks to, and its own servers. */
import { type ChildProcess, fork } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface Part {
  readonly child: ChildProcess
  readonly url: string
  /** Sends a question and resolves with the answer, as `answering` in the process gives it. */
  readonly ask: <T = unknown>(question: string, about?: unknown) => Promise<T>
  readonly stop: () => Promise<void>
  /** Ends it without a word, as a crash does. */
  readonly kill: () => Promise<void>
}

const programs = {
  device: new URL('./device.ts', import.meta.url),
  'outsider-app': new URL('./outsider-app.ts', import.meta.url),
  'plain-provider': new URL('./plain-provider.ts', import.meta.url),
  server: new URL('./server.ts', import.meta.url),
  upstream: new URL('./upstream.ts', import.meta.url),
}
export type PartName = keyof typeof programs

/** Starts one of them and resolves when it says where it listens. `hear` gets what it writes. */
export async function startPart(
  name: PartName,
  env: Readonly<Record<string, string>> = {},
  hear?: (text: string) => void,
): Promise<Part> {
  const child = fork(fileURLToPath(programs[name]), {
    env: { ...process.env, ...env },
    // What it has to say it says by messages; what is wrong with it is to be seen.
    stdio: ['ignore', hear ? 'pipe' : 'ignore', 'inherit', 'ipc'],
  })
  child.stdout?.setEncoding('utf8').on('data', (text: string) => hear?.(text))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const { url } = await new Promise<{ url: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string }))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it listened`)))
  })
  let asked = 0
  return {
    child,
    url,
    ask: <T>(question: string, about?: unknown) =>
      new Promise<T>((resolve, reject) => {
        const id = ++asked
        const hear = (message: unknown) => {
          const { id: of, answer, failed } = message as { id: number; answer: T; failed?: string }
          if (of !== id) return
          child.off('message', hear)
          if (failed === undefined) resolve(answer)
          else reject(new Error(`${name}: ${failed}`))
        }
        child.on('message', hear)
        child.send({ id, question, about }, (error) => error && reject(error))
      }),
    stop: async () => {
      if (child.connected) child.disconnect()
      await gone
    },
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** In the process: says where it listens, answers questions, and ends when nobody listens any more. */
export function answering(
  url: string,
  answers: Readonly<Record<string, (about: never) => unknown>>,
  end: () => unknown = () => {},
): void {
  process.on('message', async (message) => {
    const { id, question, about } = message as { id: number; question: string; about: never }
    try {
      process.send?.({ id, answer: await answers[question]!(about) })
    } catch (error) {
      process.send?.({ id, failed: String(error) })
    }
  })
  process.on('disconnect', async () => {
    await end()
    process.exit(0)
  })
  process.send?.({ url })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
