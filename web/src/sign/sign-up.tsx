import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconMailCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { currentLanguage } from '../i18n/i18n.ts'
import { showAtFields, tell } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Empty } from '../parts/states.tsx'
import { Frame, Refused } from './frame.tsx'
import { PasswordStrength } from './password-strength.tsx'
import { useEnter } from './sign-in.tsx'
import { UsernameInput } from './username-input.tsx'

const route = getRouteApi('/door/sign-up')

export function SignUp() {
  const { t } = useTranslation()
  const { to } = route.useSearch()
  const [mailed, setMailed] = useState<string>()
  if (mailed !== undefined) return <CheckMail email={mailed} />
  return (
    <Frame
      title={t('signUp.title')}
      about={
        <>
          {t('signUp.known')}{' '}
          <Anchor
            underline="always"
            renderRoot={(props) => <Link to="/sign-in" search={{ to }} {...props} />}
          >
            {t('signIn.submit')}
          </Anchor>
        </>
      }
    >
      <SignUpForm onMailed={setMailed} {...(to ? { to } : {})} />
    </Frame>
  )
}

/** The registration form; with `setupCode` the new account is the first administrator's. */
export function SignUpForm({
  setupCode,
  to,
  onMailed,
}: {
  setupCode?: string
  /** Where to go on, once signed in. */
  to?: string
  onMailed: (email: string) => void
}) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const enter = useEnter()
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({
    initialValues: { displayName: '', username: '', email: '', password: '' },
    validate: {
      displayName: (value) => (value.trim() === '' ? t('field.needed') : null),
      username: (value) => (value.trim() === '' ? t('field.needed') : null),
      password: (value) => (value.length < 10 ? t('password.tooShort') : null),
    },
  })
  const register = useMutation({
    mutationFn: (values: typeof form.values) =>
      api.auth.register({
        body: {
          ...values,
          username: values.username.trim().toLowerCase(),
          locale: currentLanguage(),
          transport: 'cookie',
          ...(setupCode ? { setupCode } : {}),
        },
      }),
    onMutate: () => setRefusal(undefined),
    onSuccess: (answer, values) =>
      answer.status === 'signedIn' ? enter(answer, to) : onMailed(values.email),
    onError: (error) => {
      if (!showAtFields(form, error, { usernameTaken: 'username', weakPassword: 'password' }))
        setRefusal(words(error))
    },
  })
  return (
    <form onSubmit={form.onSubmit((values) => register.mutate(values))} noValidate={false}>
      <Stack gap="md">
        <Refused words={refusal} />
        <TextInput
          label={t('field.displayName')}
          autoComplete="name"
          maxLength={80}
          required
          withAsterisk={false}
          autoFocus
          {...form.getInputProps('displayName')}
        />
        <UsernameInput {...form.getInputProps('username')} />
        <TextInput
          label={t('field.email')}
          type="email"
          autoComplete="email"
          maxLength={254}
          required
          withAsterisk={false}
          {...form.getInputProps('email')}
        />
        <div>
          <PasswordInput
            label={t('field.password')}
            autoComplete="new-password"
            maxLength={200}
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
            {...form.getInputProps('password')}
          />
          <PasswordStrength password={form.values.password} />
        </div>
        <Button type="submit" size="md" loading={register.isPending} fullWidth>
          {t('signUp.submit')}
        </Button>
      </Stack>
    </form>
  )
}

export function CheckMail({ email }: { email: string }) {
  const { t } = useTranslation()
  const again = useMutation({
    mutationFn: () => api.auth.resendVerification({ body: { email } }),
    onSettled: () => tell(t('signUp.resent')),
  })
  return (
    <Frame title={t('signUp.checkTitle')}>
      <Empty
        icon={IconMailCheck}
        title={email}
        action={
          <Stack gap="xs">
            <Button renderRoot={(props) => <Link to="/sign-in" {...props} />}>{t('signIn.submit')}</Button>
            <Button variant="subtle" loading={again.isPending} onClick={() => again.mutate()}>
              {t('signUp.resend')}
            </Button>
          </Stack>
        }
      >
        {t('signUp.checkAbout')}
      </Empty>
    </Frame>
  )
}
