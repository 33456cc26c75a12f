/** Codes from mails: to prove an address, to set a new password. */
import { Button, Group, PasswordInput, PinInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { showAtFields } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Refused } from '../sign/frame.tsx'
import { PasswordStrength } from '../sign/password-strength.tsx'
import { hosted } from './api.ts'
import { HostedPage } from './layout.tsx'
import type { SignInProps } from './sign-in-parts.tsx'

const LENGTH = 8

function CodeInput({
  value,
  onChange,
  onComplete,
}: {
  value: string
  onChange: (code: string) => void
  onComplete?: (code: string) => void
}) {
  const { t } = useTranslation()
  return (
    <Group justify="center">
      <PinInput
        length={LENGTH}
        type="number"
        size="sm"
        gap={6}
        oneTimeCode
        autoFocus
        placeholder=""
        aria-label={t('hosted.code.label')}
        getInputProps={(index) => ({ 'aria-label': t('factor.digit', { number: index + 1 }) })}
        value={value}
        onChange={onChange}
        {...(onComplete ? { onComplete } : {})}
      />
    </Group>
  )
}

function BackButton({ show, children }: Pick<SignInProps, 'show'> & { children?: ReactNode }) {
  const { t } = useTranslation()
  return (
    <Button variant="subtle" color="gray" size="compact-sm" onClick={() => show({ name: 'signIn' })}>
      {children ?? t('forgot.back')}
    </Button>
  )
}

export function EnterCode({ params, details, show, follow, email }: SignInProps & { email: string }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: (typed: string) => hosted.confirmEmail({ params, body: { code: typed } }),
    onSuccess: follow,
    onError: () => setCode(''),
  })
  return (
    <HostedPage
      brand={details.brand}
      title={t('hosted.code.title')}
      about={t('hosted.code.about', { email })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          confirm.mutate(code)
        }}
      >
        <Stack gap="md">
          {confirm.isError && <Refused words={words(confirm.error)} />}
          <CodeInput value={code} onChange={setCode} onComplete={(typed) => confirm.mutate(typed)} />
          <Button
            type="submit"
            size="md"
            fullWidth
            loading={confirm.isPending}
            disabled={code.length < LENGTH}
          >
            {t('hosted.code.submit')}
          </Button>
          <Text size="sm" c="dimmed" ta="center">
            {t('hosted.code.spam')}
          </Text>
          <BackButton show={show} />
        </Stack>
      </form>
    </HostedPage>
  )
}

export function ForgotPassword({ params, details, show }: SignInProps) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [email, setEmail] = useState(details.linking?.email ?? details.loginHint ?? '')
  const forgot = useMutation({
    mutationFn: () => hosted.forgotPassword({ params, body: { email, locale: currentLanguage() } }),
    onSuccess: () => show({ name: 'reset', email }),
  })
  return (
    <HostedPage brand={details.brand} title={t('forgot.title')} about={t('hosted.code.forgotAbout')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          forgot.mutate()
        }}
      >
        <Stack gap="md">
          {forgot.isError && <Refused words={words(forgot.error)} />}
          <TextInput
            label={t('field.email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" size="md" fullWidth loading={forgot.isPending}>
            {t('hosted.code.mail')}
          </Button>
          <BackButton show={show} />
        </Stack>
      </form>
    </HostedPage>
  )
}

export function ResetPassword({ params, details, show, follow, email }: SignInProps & { email: string }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({
    initialValues: { code: '', password: '' },
    validate: {
      code: (value) => (value.length < LENGTH ? t('field.needed') : null),
      password: (value) => (value.length < 10 ? t('password.tooShort') : null),
    },
  })
  const reset = useMutation({
    mutationFn: (body: typeof form.values) => hosted.resetPassword({ params, body }),
    onMutate: () => setRefusal(undefined),
    onSuccess: follow,
    onError: (error) => {
      if (!showAtFields(form, error, { passwordTooWeak: 'password' })) setRefusal(words(error))
    },
  })
  return (
    <HostedPage brand={details.brand} title={t('reset.title')} about={t('hosted.code.resetAbout', { email })}>
      <form onSubmit={form.onSubmit((values) => reset.mutate(values))}>
        <Stack gap="md">
          <Refused words={refusal} />
          <CodeInput value={form.values.code} onChange={(code) => form.setFieldValue('code', code)} />
          <div>
            <PasswordInput
              label={t('field.newPassword')}
              autoComplete="new-password"
              maxLength={200}
              required
              withAsterisk={false}
              visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
              {...form.getInputProps('password')}
            />
            <PasswordStrength password={form.values.password} />
          </div>
          <Button type="submit" size="md" fullWidth loading={reset.isPending}>
            {t('reset.submit')}
          </Button>
          <BackButton show={show} />
        </Stack>
      </form>
    </HostedPage>
  )
}
