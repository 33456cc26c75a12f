import { Anchor, Button, Divider, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
} from '@simplewebauthn/browser'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { showAtFields } from '../parts/actions.ts'
import { isProblem, useProblemWords, type Words } from '../parts/problem.ts'
import { sessionBegan } from '../session.ts'
import { Frame, Refused } from './frame.tsx'
import { type Challenge, SecondFactor } from './second-factor.tsx'

const route = getRouteApi('/door/sign-in')

/** Goes on to where the person wanted to be, signed in. */
export function useEnter(): (answer: unknown, to?: string) => void {
  const router = useRouter()
  return (answer, to) => {
    sessionBegan(answer)
    router.history.push(to ?? '/')
  }
}

export function SignIn() {
  const { t } = useTranslation()
  const { to } = route.useSearch()
  const enter = useEnter()
  const [challenge, setChallenge] = useState<Challenge>()
  if (challenge)
    return (
      <SecondFactor
        challenge={challenge}
        onDone={(answer) => enter(answer, to)}
        onBack={() => setChallenge(undefined)}
      />
    )
  return (
    <Frame
      title={t('signIn.title')}
      about={
        <>
          {t('signIn.new')}{' '}
          <Anchor
            underline="always"
            renderRoot={(props) => <Link to="/sign-up" search={{ to }} {...props} />}
          >
            {t('signIn.register')}
          </Anchor>
        </>
      }
    >
      <SignInForm onChallenge={setChallenge} onDone={(answer) => enter(answer, to)} />
    </Frame>
  )
}

function SignInForm({
  onChallenge,
  onDone,
}: {
  onChallenge: (challenge: Challenge) => void
  onDone: (answer: unknown) => void
}) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } })
  const login = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      api.auth.login({ body: { ...body, transport: 'cookie' } }),
    onMutate: () => setRefusal(undefined),
    onSuccess: (answer) => (answer.status === 'signedIn' ? onDone(answer) : onChallenge(answer)),
    onError: (error) => {
      if (!showAtFields(form, error))
        setRefusal(
          isProblem(error, 'signInRefused')
            ? { ...words(error), detail: t('signIn.refusedDetail') }
            : words(error),
        )
    },
  })
  const passkey = usePasskeySignIn(onDone, setRefusal)
  return (
    <form onSubmit={form.onSubmit((values) => login.mutate(values))}>
      <Stack gap="md">
        <Refused words={refusal} />
        <TextInput
          label={t('field.email')}
          type="email"
          autoComplete="username webauthn"
          required
          withAsterisk={false}
          autoFocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <div>
          <Group justify="space-between" mb={4}>
            <Text component="label" htmlFor="password" size="sm" fw={500}>
              {t('field.password')}
            </Text>
            <Anchor size="sm" renderRoot={(props) => <Link to="/forgot-password" {...props} />}>
              {t('signIn.forgot')}
            </Anchor>
          </Group>
          <PasswordInput
            id="password"
            autoComplete="current-password"
            required
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
        </div>
        <Button type="submit" size="md" loading={login.isPending} fullWidth>
          {t('signIn.submit')}
        </Button>
        {passkey.offered && (
          <>
            <Divider label={t('signIn.or')} labelPosition="center" />
            <Button
              variant="default"
              size="md"
              leftSection={<IconFingerprint size={20} stroke={1.7} />}
              loading={passkey.pending}
              onClick={passkey.start}
              fullWidth
            >
              {t('signIn.passkey')}
            </Button>
          </>
        )}
      </Stack>
    </form>
  )
}

/** Passkeys two ways: offered in the e-mail field's autofill from the start, and by the button. */
function usePasskeySignIn(onDone: (answer: unknown) => void, setRefusal: (words: Words | undefined) => void) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [pending, setPending] = useState(false)
  const offered = browserSupportsWebAuthn()

  async function run(useBrowserAutofill: boolean) {
    const { flowId, options } = await api.auth.startPasskeyLogin({ body: {} })
    const response = await startAuthentication({ optionsJSON: options as never, useBrowserAutofill })
    setPending(true)
    onDone(await api.auth.loginPasskey({ body: { flowId, response: { ...response }, transport: 'cookie' } }))
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the browser keeps one autofill request for the page's life.
  useEffect(() => {
    let left = false
    void browserSupportsWebAuthnAutofill().then(async (supported) => {
      // Waits for the field to be touched, so that merely opening the page costs the server nothing.
      if (!supported || left) return
      const field = document.querySelector<HTMLInputElement>('input[autocomplete~="webauthn"]')
      field?.addEventListener('pointerdown', () => void run(true).catch(() => setPending(false)), {
        once: true,
      })
    })
    return () => {
      left = true
    }
  }, [])

  const start = () => {
    setPending(true)
    setRefusal(undefined)
    run(false).catch((error: unknown) => {
      setPending(false)
      setRefusal(
        error instanceof Error && error.name === 'NotAllowedError'
          ? { title: t('passkey.cancelled') }
          : words(error),
      )
    })
  }
  return { offered, pending, start }
}
