import { Anchor, Box, Group, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Copy } from '../parts/secret.tsx'
import { Failed, Waiting } from '../parts/states.tsx'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import { type CatalogueEntry, keyPattern } from './provider-list.ts'

/** What has to be registered at the provider, known before anything is saved. */
export function RedirectUri({ entry, provider }: { entry: CatalogueEntry; provider: string }) {
  const { t } = useTranslation()
  const place = usePlace()
  const [key] = useDebouncedValue(provider, 200)
  const known = keyPattern.test(key)
  const redirect = useQuery({
    queryKey: ['oauth', 'redirect', place, key],
    queryFn: ({ signal }) => atlas.oauth.getRedirectUri({ params: { ...place, provider: key }, signal }),
    enabled: known,
    staleTime: Number.POSITIVE_INFINITY,
  })
  // Signed data comes without a redirect URI; the provider wants to know the domain.
  const signed = entry.kind === 'signed'
  if (!known)
    return (
      <Text size="sm" c="dimmed">
        {t('atlas.providers.redirectKey')}
      </Text>
    )
  if (redirect.isError) return <Failed error={redirect.error} retry={() => void redirect.refetch()} />
  if (!redirect.data) return <Waiting rows={1} height={56} />
  const text = signed ? new URL(redirect.data.redirectUri).host : redirect.data.redirectUri
  return (
    <Stack gap={4}>
      <Text size="sm" fw={560}>
        {t(signed ? 'atlas.providers.domain' : 'atlas.providers.redirect')}
      </Text>
      <Group gap={8} wrap="nowrap" justify="space-between" className="panel" p="xs">
        <span className="mono wrap-anywhere" data-testid="redirect-uri">
          {text}
        </span>
        <Box flex="none">
          <Copy
            value={text}
            label={t(signed ? 'atlas.providers.domainCopy' : 'atlas.providers.redirectCopy')}
          />
        </Box>
      </Group>
      <Text size="sm" c="dimmed">
        {t(signed ? 'atlas.providers.domainAbout' : 'atlas.providers.redirectAbout')}
      </Text>
    </Stack>
  )
}

/** Where the provider tells how to register an app. */
export function Instructions({ entry }: { entry: CatalogueEntry }) {
  const { t } = useTranslation()
  return (
    <Anchor href={entry.documentation} target="_blank" rel="noreferrer" size="sm">
      {t('atlas.providers.registerAt', { name: entry.name })}{' '}
      <IconExternalLink size={14} role="img" aria-label={t('atlas.providers.newTab')} />
    </Anchor>
  )
}
