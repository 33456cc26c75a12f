import { Button, List, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { useProblemWords } from '../parts/problem.ts'
import { Refused } from '../sign/frame.tsx'
import { hosted, type SignInDetails } from './api.ts'
import { HostedPage } from './layout.tsx'
import type { SignInProps } from './sign-in-parts.tsx'

/** What an app asks for, in words: the standard scopes in ours, the project's own in the project's. */
export function ScopeList({ scopes }: { scopes: SignInDetails['scopes'] }) {
  const { t } = useTranslation()
  return (
    <List
      spacing="sm"
      center
      icon={
        <ThemeIcon size={22} radius="xl" variant="light" color="green">
          <IconCheck size={14} stroke={2.4} />
        </ThemeIcon>
      }
    >
      {scopes.map(({ name, description }) => (
        <List.Item key={name}>
          {description ||
            (i18next.exists(`hosted.scope.${name}`)
              ? t(`hosted.scope.${name}` as 'hosted.scope.openid')
              : name)}
        </List.Item>
      ))}
    </List>
  )
}

export function Consent({ params, details, follow }: SignInProps) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const answer = useMutation({
    mutationFn: (allow: boolean) =>
      allow ? hosted.acceptConsent({ params }) : hosted.cancelSignIn({ params }),
    onSuccess: follow,
  })
  const busy = (allow: boolean) => (answer.isPending || answer.isSuccess) && answer.variables === allow
  return (
    <HostedPage
      brand={details.brand}
      title={t('hosted.consent.title', { app: details.appName })}
      about={details.account && (details.account.email ?? details.account.name)}
    >
      <Stack gap="lg">
        {answer.isError && <Refused words={words(answer.error)} />}
        <ScopeList scopes={details.scopes} />
        <Stack gap="xs">
          <Button size="md" fullWidth loading={busy(true)} onClick={() => answer.mutate(true)} autoFocus>
            {t('hosted.consent.allow')}
          </Button>
          <Button
            size="md"
            fullWidth
            variant="default"
            loading={busy(false)}
            onClick={() => answer.mutate(false)}
          >
            {t('hosted.consent.deny')}
          </Button>
        </Stack>
        <Text size="sm" c="dimmed" ta="center">
          {t('hosted.consent.about', { host: details.returnsTo })}
        </Text>
      </Stack>
    </HostedPage>
  )
}
