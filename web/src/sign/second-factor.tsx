import { Anchor, Button, PinInput, Stack, Text, TextInput } from '@mantine/core'
import { startAuthentication } from '@simplewebauthn/browser'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { isProblem, useProblemWords, type Words } from '../parts/problem.ts'
import { Frame, Refused } from './frame.tsx'

export interface Challenge {
  readonly challenge: string
  readonly methods: readonly Method[]
}
type Method = 'totp' | 'recoveryCode' | 'passkey'
const order: readonly Method[] = ['totp', 'passkey', 'recoveryCode']

/** The second step of signing in: a code, a passkey or a recovery code. */
export function SecondFactor({
  challenge,
  onDone,
  onBack,
}: {
  challenge: Challenge
  onDone: (answer: unknown) => void
  onBack: () => void
}) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const offered = order.filter((method) => challenge.methods.includes(method))
  const [method, setMethod] = useState<Method>(offered[0] ?? 'totp')
  const [code, setCode] = useState('')
  const [refusal, setRefusal] = useState<Words>()
  const finish = useMutation({
    mutationFn: async (proof: { method: 'totp' | 'recoveryCode'; code: string } | { method: 'passkey' }) => {
      const send = (answer: Parameters<typeof api.auth.loginSecondFactor>[0]['body']['proof']) =>
        api.auth.loginSecondFactor({
          body: { challenge: challenge.challenge, proof: answer, transport: 'cookie' },
        })
      if (proof.method !== 'passkey') return send(proof)
      const { flowId, options } = await api.auth.startPasskeyLogin({
        body: { challenge: challenge.challenge },
      })
      const response = await startAuthentication({ optionsJSON: options as never })
      return send({ method: 'passkey', flowId, response: { ...response } })
    },
    onMutate: () => setRefusal(undefined),
    onSuccess: onDone,
    onError: (error) => {
      if (isProblem(error, 'challengeExpired')) return onBack()
      setCode('')
      setRefusal(error.name === 'NotAllowedError' ? { title: t('passkey.cancelled') } : words(error))
    },
  })
  const others = offered.filter((other) => other !== method)
  return (
    <Frame title={t('factor.title')} about={t(`factor.about.${method}`)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (method === 'passkey') finish.mutate({ method })
          else finish.mutate({ method, code: code.trim() })
        }}
      >
        <Stack>
          <Refused words={refusal} />
          {method === 'totp' && (
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              autoFocus
              size="lg"
              aria-label={t('factor.code')}
              getInputProps={(index) => ({ 'aria-label': t('factor.digit', { number: index + 1 }) })}
              value={code}
              error={refusal !== undefined}
              onChange={setCode}
              onComplete={(complete) => finish.mutate({ method, code: complete })}
            />
          )}
          {method === 'recoveryCode' && (
            <TextInput
              label={t('factor.recoveryCode')}
              autoFocus
              autoComplete="off"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              className="mono"
            />
          )}
          <Button
            type="submit"
            size="md"
            loading={finish.isPending}
            leftSection={method === 'passkey' ? <IconFingerprint size={20} /> : undefined}
            disabled={method !== 'passkey' && code === ''}
          >
            {t(method === 'passkey' ? 'factor.usePasskey' : 'signIn.submit')}
          </Button>
          <Stack gap={6} mt="sm">
            {others.map((other) => (
              <Anchor
                key={other}
                component="button"
                type="button"
                size="sm"
                ta="left"
                onClick={() => {
                  setMethod(other)
                  setCode('')
                  setRefusal(undefined)
                }}
              >
                {t(`factor.switch.${other}`)}
              </Anchor>
            ))}
            <Text size="sm">
              <Anchor component="button" type="button" c="dimmed" onClick={onBack}>
                {t('action.back')}
              </Anchor>
            </Text>
          </Stack>
        </Stack>
      </form>
    </Frame>
  )
}
