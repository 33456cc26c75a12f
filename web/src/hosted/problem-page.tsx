/** Where a flow ends that cannot go back to its app: what happened, and what to do. */
import { Code, Stack, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { HostedPage } from './layout.tsx'

const route = getRouteApi('/oauth/problem')

export function ProblemPage() {
  const { t } = useTranslation()
  const { code = 'other', request } = route.useSearch()
  const key = `hosted.trouble.${code}`
  return (
    <HostedPage brand={undefined} title={t('hosted.problem.title')}>
      <Stack gap="md" align="center">
        <Text ta="center">
          {t((i18next.exists(key) ? key : 'hosted.trouble.other') as 'hosted.trouble.other')}
        </Text>
        <Text size="sm" c="dimmed">
          {t('hosted.problem.code')} <Code>{code.slice(0, 40)}</Code>
          {request && <Code ml={6}>{request.slice(0, 60)}</Code>}
        </Text>
      </Stack>
    </HostedPage>
  )
}
