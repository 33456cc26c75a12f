import { OutboundError, type OutboundReason, outboundReasons } from '@pleiad/platform/outbound'
import { expect, test } from 'vitest'
import { problems } from './contract-problems.ts'
import { createSend } from './service-ask.ts'

/** What becomes of each failure of a request, and whether the provider may have acted on it. */
const outcomes: Readonly<Record<OutboundReason, readonly [string, boolean]>> = {
  badUrl: ['addressWrong', false],
  badRequest: ['addressWrong', false],
  blockedAddress: ['addressBlocked', false],
  dnsFailed: ['dnsFailed', false],
  connectFailed: ['connectFailed', true],
  tlsExpired: ['certificateExpired', false],
  tlsInvalid: ['certificateInvalid', false],
  notHttp: ['answerNotRight', true],
  badAnswer: ['answerNotRight', true],
  timeout: ['timeout', true],
  tooLarge: ['answerTooLarge', true],
  tooManyRedirects: ['redirected', false],
  badRedirect: ['redirected', false],
}

test.for(Object.keys(outboundReasons) as OutboundReason[])('%s is told in words', async (reason) => {
  const send = createSend(
    {
      fetchOutside: async () => {
        throw new OutboundError(reason, 'id.example.org')
      },
    },
    1000,
  )
  const [code, ambiguous] = outcomes[reason]
  await expect(send('https://id.example.org/token?code=secret')).rejects.toMatchObject({
    code,
    ambiguous,
    message: `${problems[code as keyof typeof problems]} (id.example.org)`,
  })
})

test('what is no failure of the request is thrown on', async () => {
  const broken = new TypeError('a bug')
  const send = createSend({ fetchOutside: async () => Promise.reject(broken) }, 1000)
  await expect(send('https://id.example.org/')).rejects.toBe(broken)
})
