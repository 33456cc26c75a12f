import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconMailCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { showAtFields, tell } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Empty } from '../parts/states.tsx'
import { sessionEnded } from '../session.ts'
import { Frame, Refused } from './frame.tsx'
import { BrokenLink, useLinkToken } from './links.tsx'
import { PasswordStrength } from './password-strength.tsx'

function ToSignIn() {
  const { t } = useTranslation()
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to="/sign-in" {...props} />}>
      {t('forgot.back')}
    </Anchor>
  )
}

export function ForgotPassword() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({ initialValues: { email: '' } })
  const ask = useMutation({
    mutationFn: (body: { email: string }) => api.auth.requestPasswordReset({ body }),
    onMutate: () => setRefusal(undefined),
    onError: (error) => {
      if (!showAtFields(form, error)) setRefusal(words(error))
    },
  })
  if (ask.isSuccess)
    return (
      <Frame title={t('signUp.checkTitle')}>
        <Empty icon={IconMailCheck} title={form.values.email} action={<ToSignIn />}>
          {t('forgot.sent')}
        </Empty>
      </Frame>
    )
  return (
    <Frame title={t('forgot.title')} about={t('forgot.about')}>
      <form onSubmit={form.onSubmit((values) => ask.mutate(values))}>
        <Stack>
          <Refused words={refusal} />
          <TextInput
            label={t('field.email')}
            type="email"
            autoComplete="email"
            required
            withAsterisk={false}
            autoFocus
            {...form.getInputProps('email')}
          />
          <Button type="submit" size="md" loading={ask.isPending}>
            {t('forgot.submit')}
          </Button>
          <ToSignIn />
        </Stack>
      </form>
    </Frame>
  )
}

export function ResetPassword() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const navigate = useNavigate()
  const token = useLinkToken()
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value.length < 10 ? t('password.tooShort') : null) },
  })
  const reset = useMutation({
    mutationFn: (password: string) => api.auth.resetPassword({ body: { token: token ?? '', password } }),
    onMutate: () => setRefusal(undefined),
    onSuccess: () => {
      // The reset ended every session, the one of this browser too.
      sessionEnded()
      tell(t('reset.done'))
      void navigate({ to: '/sign-in' })
    },
    onError: (error) => {
      if (!showAtFields(form, error, { weakPassword: 'password' })) setRefusal(words(error))
    },
  })
  if (!token) return <BrokenLink />
  return (
    <Frame title={t('reset.title')} about={t('reset.about')}>
      <form onSubmit={form.onSubmit(({ password }) => reset.mutate(password))}>
        <Stack>
          <Refused words={refusal} />
          <div>
            <PasswordInput
              label={t('field.newPassword')}
              autoComplete="new-password"
              maxLength={200}
              required
              withAsterisk={false}
              autoFocus
              visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
              {...form.getInputProps('password')}
            />
            <PasswordStrength password={form.values.password} />
          </div>
          <Button type="submit" size="md" loading={reset.isPending}>
            {t('reset.submit')}
          </Button>
        </Stack>
      </form>
    </Frame>
  )
}
