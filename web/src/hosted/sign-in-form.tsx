import { Alert, Anchor, Button, Divider, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser'
import { IconFingerprint, IconLink } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import i18next from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { showAtFields } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Refused } from '../sign/frame.tsx'
import { hosted } from './api.ts'
import { HostedPage } from './layout.tsx'
import { ProviderButtons } from './providers.tsx'
import { CancelButton, type SignInProps } from './sign-in-parts.tsx'

/** What the flow with a provider ended with, in words; codes without words of their own share a sentence. */
export function providerTrouble(code: string): Words {
  const key = `hosted.trouble.${code}`
  return {
    title: i18next.t('hosted.provider.failed'),
    detail: i18next.t((i18next.exists(key) ? key : 'hosted.trouble.other') as 'hosted.trouble.other'),
  }
}

export function SignInForm({ providerError, ...parts }: SignInProps & { providerError: string | undefined }) {
  const { t } = useTranslation()
  const { params, details, show, follow } = parts
  const { methods, linking, account, loginHint, brand, appName } = details
  const words = useProblemWords()
  const [refusal, setRefusal] = useState<Words | undefined>(
    providerError ? providerTrouble(providerError) : undefined,
  )
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: linking?.email ?? account?.email ?? loginHint ?? '', password: '' },
  })
  const login = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      hosted.signInWithPassword({ params, body: { ...body, locale: currentLanguage() } }),
    onMutate: () => setRefusal(undefined),
    onSuccess: follow,
    onError: (error) => {
      if (!showAtFields(form, error)) setRefusal(words(error))
    },
  })
  const passkey = useMutation({
    mutationFn: async () => {
      const { flowId, options } = await hosted.beginPasskeySignIn({ params })
      const response = await startAuthentication({ optionsJSON: options as never })
      return hosted.finishPasskeySignIn({ params, body: { flowId, response: { ...response } } })
    },
    onMutate: () => setRefusal(undefined),
    onSuccess: follow,
    onError: (error) =>
      setRefusal(
        error instanceof Error && error.name === 'NotAllowedError'
          ? { title: t('passkey.cancelled') }
          : words(error),
      ),
  })
  const passkeys = methods.passkey && browserSupportsWebAuthn()
  const others = passkeys || methods.providers.length > 0
  return (
    <HostedPage
      brand={brand}
      title={t('hosted.signIn.title')}
      about={t('hosted.signIn.toApp', { app: appName })}
    >
      <Stack gap="md">
        {linking && (
          <Alert icon={<IconLink size={20} />} title={t('hosted.linking.title')}>
            {t('hosted.linking.about', { provider: linking.provider, email: linking.email })}
          </Alert>
        )}
        <Refused words={refusal} />
        {methods.password && (
          <form onSubmit={form.onSubmit((values) => login.mutate(values))}>
            <Stack gap="md">
              <TextInput
                label={t('field.email')}
                type="email"
                autoComplete="username"
                required
                withAsterisk={false}
                readOnly={linking !== undefined}
                autoFocus={!linking}
                key={form.key('email')}
                {...form.getInputProps('email')}
              />
              <div>
                <Group justify="space-between" mb={4}>
                  <Text component="label" htmlFor="password" size="sm" fw={500}>
                    {t('field.password')}
                  </Text>
                  <Anchor component="button" type="button" size="sm" onClick={() => show({ name: 'forgot' })}>
                    {t('signIn.forgot')}
                  </Anchor>
                </Group>
                <PasswordInput
                  id="password"
                  autoComplete="current-password"
                  required
                  autoFocus={linking !== undefined}
                  visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
                  key={form.key('password')}
                  {...form.getInputProps('password')}
                />
              </div>
              <Button type="submit" size="md" loading={login.isPending} fullWidth>
                {t('signIn.submit')}
              </Button>
            </Stack>
          </form>
        )}
        {methods.password && others && <Divider label={t('signIn.or')} labelPosition="center" />}
        {passkeys && (
          <Button
            variant="default"
            size="md"
            leftSection={<IconFingerprint size={20} stroke={1.7} />}
            loading={passkey.isPending}
            onClick={() => passkey.mutate()}
            fullWidth
          >
            {t('signIn.passkey')}
          </Button>
        )}
        {methods.providers.length > 0 && (
          <ProviderButtons params={params} providers={methods.providers} onRefused={setRefusal} />
        )}
        {!methods.password && !others && <Refused words={{ title: t('hosted.signIn.noWay') }} />}
        {methods.signUp && methods.password && !linking && (
          <Text ta="center" size="sm">
            {t('signIn.new')}{' '}
            <Anchor
              component="button"
              type="button"
              size="sm"
              underline="always"
              onClick={() => show({ name: 'signUp' })}
            >
              {t('signIn.register')}
            </Anchor>
          </Text>
        )}
        <CancelButton params={params} follow={follow} />
      </Stack>
    </HostedPage>
  )
}
