/** A way to a server that can be cut or silenced, for tests of what happens when the server is lost. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Unreliable {
  readonly port: number
  /** Connections break and new ones are refused. */
  readonly cut: () => Promise<void>
  /** Connections stay, but nothing passes any more. */
  readonly silence: () => void
  /** What was held back passes, and new connections are taken again. */
  readonly mend: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Listens on a free port of this machine and passes everything on to the server at `url`. */
export async function unreliableWayTo(url: string): Promise<Unreliable> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((near) => {
    const far = connect(Number(target.port || 6379), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => to.write(data))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (silent) from.pause()
    }
  })
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    port,
    cut,
    silence: () => {
      silent = true
      for (const socket of sockets) socket.pause()
    },
    mend: async () => {
      silent = false
      for (const socket of sockets) socket.resume()
      if (!server.listening) await listen(port)
    },
    close: async () => {
      if (server.listening) await cut()
    },
  }
}
