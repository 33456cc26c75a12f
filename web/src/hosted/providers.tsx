/** Signing in with another account: the buttons, and the way back from the provider. */
import { Button, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Waiting } from '../parts/states.tsx'
import { Refused } from '../sign/frame.tsx'
import { hosted, type Provider } from './api.ts'
import { HostedPage } from './layout.tsx'
import type { SignInProps } from './sign-in-parts.tsx'

/** The sign of a provider in one colour: brands' own colours would fight with the project's. */
export function ProviderIcon({ icon, size = 20 }: { icon: Provider['icon']; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="currentColor"
      aria-hidden="true"
      focusable="false"
    >
      <path d={icon.path} />
    </svg>
  )
}

export function ProviderButtons({
  params,
  providers,
  onRefused,
}: {
  params: SignInProps['params']
  providers: readonly Provider[]
  onRefused: (words: Words | undefined) => void
}) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const begin = useMutation({
    mutationFn: (provider: string) => hosted.beginProviderSignIn({ params: { ...params, provider } }),
    onMutate: () => onRefused(undefined),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => onRefused(words(error)),
  })
  return (
    <Stack gap="xs">
      {providers.map((provider) => (
        <Button
          key={provider.key}
          variant="default"
          size="md"
          fullWidth
          leftSection={<ProviderIcon icon={provider.icon} />}
          // The page is left when it worked, so the button stays busy.
          loading={(begin.isPending || begin.isSuccess) && begin.variables === provider.key}
          onClick={() => begin.mutate(provider.key)}
        >
          {t('hosted.provider.with', { name: provider.name })}
        </Button>
      ))}
    </Stack>
  )
}

/** Hands the provider's answer in, once. */
export function ReturnedFromProvider({
  params,
  details,
  follow,
  ticket,
  leave,
}: SignInProps & { ticket: string; leave: () => void }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const finish = useMutation({
    mutationFn: () => hosted.finishProviderSignIn({ params, body: { ticket, locale: currentLanguage() } }),
    onSuccess: (step) => {
      // A ticket works once: a reload must not hand it in again.
      if (step.step !== 'continue') leave()
      follow(step)
    },
  })
  const handed = useRef(false)
  const { mutate } = finish
  useEffect(() => {
    if (handed.current) return
    handed.current = true
    mutate()
  }, [mutate])
  return (
    <HostedPage brand={details.brand} title={t('hosted.provider.finishing')}>
      {finish.isError ? (
        <Stack>
          <Refused words={words(finish.error)} />
          <Button onClick={leave}>{t('hosted.provider.otherWay')}</Button>
        </Stack>
      ) : (
        <Waiting rows={2} />
      )}
    </HostedPage>
  )
}
