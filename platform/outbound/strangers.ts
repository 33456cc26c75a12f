/** Servers of strangers, for the tests: certificates made on the spot, and answers that no honest server gives. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { type RequestListener, createServer as serveHttp } from 'node:http'
import { createServer as serveHttps } from 'node:https'
import { type AddressInfo, type Socket, createServer as serveTcp } from 'node:net'
import * as x509 from '@peculiar/x509'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

const DAY = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A self-signed certificate for `name` that is valid between the two days from now. */
export async function makeCertificate(name: string, fromDay = -1, toDay = 1): Promise<Certificate> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() + fromDay * DAY),
      notAfter: new Date(Date.now() + toDay * DAY),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
        new x509.BasicConstraintsExtension(true),
      ],
    },
    webcrypto as never,
  )
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  }
}

export interface Stranger {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Serves HTTP, or HTTPS with a certificate, on 127.0.0.1. */
export async function serve(answer: RequestListener, tls?: Certificate): Promise<Stranger> {
  return opened(tls ? serveHttps(tls, answer) : serveHttp(answer))
}

/** Takes connections and does with each what `talk` says. */
export async function serveRaw(talk: (socket: Socket) => void): Promise<Stranger> {
  return opened(
    serveTcp((socket) => {
      socket.on('error', () => {})
      talk(socket)
    }),
  )
}

async function opened(server: ReturnType<typeof serveTcp>): Promise<Stranger> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
