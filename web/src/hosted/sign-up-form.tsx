import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { showAtFields } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Refused } from '../sign/frame.tsx'
import { PasswordStrength } from '../sign/password-strength.tsx'
import { hosted } from './api.ts'
import { HostedPage } from './layout.tsx'
import type { SignInProps } from './sign-in-parts.tsx'

export function SignUpForm({ params, details, show, follow }: SignInProps) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({
    initialValues: { name: '', email: details.loginHint ?? '', password: '' },
    validate: { password: (value) => (value.length < 10 ? t('password.tooShort') : null) },
  })
  const signUp = useMutation({
    mutationFn: ({ name, ...values }: typeof form.values) =>
      hosted.signUp({
        params,
        body: { ...values, ...(name.trim() ? { name: name.trim() } : {}), locale: currentLanguage() },
      }),
    onMutate: () => setRefusal(undefined),
    onSuccess: follow,
    onError: (error) => {
      if (!showAtFields(form, error, { passwordTooWeak: 'password', endUserExists: 'email' }))
        setRefusal(words(error))
    },
  })
  return (
    <HostedPage
      brand={details.brand}
      title={t('signUp.title')}
      about={t('hosted.signIn.toApp', { app: details.appName })}
    >
      <form onSubmit={form.onSubmit((values) => signUp.mutate(values))}>
        <Stack gap="md">
          <Refused words={refusal} />
          <TextInput
            label={t('field.displayName')}
            description={t('hosted.optional')}
            autoComplete="name"
            maxLength={200}
            autoFocus
            {...form.getInputProps('name')}
          />
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
          <Button type="submit" size="md" loading={signUp.isPending} fullWidth>
            {t('signUp.submit')}
          </Button>
          <Text ta="center" size="sm">
            {t('signUp.known')}{' '}
            <Anchor
              component="button"
              type="button"
              size="sm"
              underline="always"
              onClick={() => show({ name: 'signIn' })}
            >
              {t('signIn.submit')}
            </Anchor>
          </Text>
        </Stack>
      </form>
    </HostedPage>
  )
}
