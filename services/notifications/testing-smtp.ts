/** A mail server for tests: takes mails and keeps them, refuses or hangs as told. RFC 5321, the part clients need. */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

export interface Received {
  readonly to: string
  /** Headers and body as they came, lines folded. */
  readonly source: string
}

export interface SmtpReceiver {
  readonly url: string
  readonly mails: Received[]
  /** What is answered to RCPT: `accept`, a refusal such as `450 4.2.0 later`, or `hang`: nothing at all. */
  answer: string
  /** How many connections are open. */
  readonly connections: () => number
  readonly close: () => Promise<void>
}

export async function startSmtpReceiver(): Promise<SmtpReceiver> {
  const sockets = new Set<Socket>()
  const mails: Received[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let text = ''
    let to = ''
    let inData = false
    const say = (line: string) => socket.write(`${line}\r\n`)
    const obey = (line: string) => {
      if (/^(EHLO|HELO)/i.test(line)) say('250 test')
      else if (/^RCPT/i.test(line)) {
        to = /<(.*)>/.exec(line)?.[1] ?? ''
        if (receiver.answer !== 'hang') say(receiver.answer === 'accept' ? '250 ok' : receiver.answer)
      } else if (/^DATA/i.test(line)) {
        inData = true
        say('354 go on')
      } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
      else say('250 ok')
    }
    say('220 test')
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const part = text.slice(0, end)
        text = text.slice(end + (inData ? 5 : 2))
        if (!inData) obey(part)
        else {
          inData = false
          mails.push({ to, source: part })
          say('250 taken')
        }
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: SmtpReceiver = {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    answer: 'accept',
    connections: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return receiver
}
