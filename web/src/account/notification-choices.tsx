import { Checkbox, SegmentedControl, Stack, Table, Text, Tooltip } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { currentLanguage } from '../i18n/i18n.ts'
import { useAction } from '../parts/actions.ts'
import { Section } from '../parts/page.tsx'
import { Loaded } from '../parts/states.tsx'

type Preferences = Awaited<ReturnType<typeof api.notifications.getPreferences>>
const digests = ['off', 'daily', 'weekly'] as const

/** What the person is told, by kind and channel. Every tick is kept at once. */
export function NotificationChoices() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const locale = currentLanguage()
  const key = ['notifications', 'preferences', locale]
  const preferences = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.notifications.getPreferences({ query: { locale }, signal }),
  })
  const keep = useAction({
    run: (next: Preferences) => {
      client.setQueryData(key, next)
      const kinds = next.kinds.map(({ kind, inApp, email }) => ({ kind, inApp, email }))
      return api.notifications.updatePreferences({
        ifMatch: next.version,
        body: { digest: next.digest, kinds },
      })
    },
    // The answer's titles are in the language of the profile, which may not be this page's.
    onDone: ({ version }) => client.setQueryData<Preferences>(key, (old) => old && { ...old, version }),
    onFail: () => {
      void client.invalidateQueries({ queryKey: key })
      return false
    },
  })
  return (
    <Section title={t('choices.title')} about={t('choices.about')}>
      <Loaded query={preferences}>
        {(data) => (
          <Stack gap="lg">
            <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('choices.kind')}</Table.Th>
                    <Table.Th ta="center" w={96}>
                      {t('choices.inApp')}
                    </Table.Th>
                    <Table.Th ta="center" w={96}>
                      {t('choices.email')}
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {data.kinds.map((kind) => (
                    <Table.Tr key={kind.kind}>
                      <Table.Td>{kind.title}</Table.Td>
                      {(['inApp', 'email'] as const).map((channel) => (
                        <Table.Td key={channel}>
                          <Tooltip label={t('choices.locked')} disabled={!kind[`${channel}Locked`]}>
                            <Checkbox
                              display="flex"
                              styles={{ root: { justifyContent: 'center' } }}
                              aria-label={`${kind.title}: ${t(`choices.${channel}`)}`}
                              checked={kind[channel]}
                              disabled={kind[`${channel}Locked`]}
                              onChange={(event) =>
                                keep.mutate({
                                  ...data,
                                  kinds: data.kinds.map((other) =>
                                    other.kind === kind.kind
                                      ? { ...other, [channel]: event.currentTarget.checked }
                                      : other,
                                  ),
                                })
                              }
                            />
                          </Tooltip>
                        </Table.Td>
                      ))}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            <div>
              <Text size="sm" fw={500} id="digest-label">
                {t('choices.digest')}
              </Text>
              <Text size="xs" c="dimmed" mb="sm">
                {t('choices.digestAbout')}
              </Text>
              <SegmentedControl
                aria-labelledby="digest-label"
                value={data.digest}
                onChange={(digest) => keep.mutate({ ...data, digest: digest as Preferences['digest'] })}
                data={digests.map((digest) => ({ value: digest, label: t(`choices.${digest}`) }))}
              />
            </div>
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}
