import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useAction } from '../parts/actions.ts'
import { deviceOf } from '../parts/device.ts'
import { Page, Section } from '../parts/page.tsx'
import { Row } from '../parts/row.tsx'
import { Loaded } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'

const key = ['auth', 'sessions'] as const
type Sessions = Awaited<ReturnType<typeof api.auth.listSessions>>

export function Sessions() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const sessions = useQuery({ queryKey: key, queryFn: ({ signal }) => api.auth.listSessions({ signal }) })
  const revoke = useAction({
    run: (sid: string) => {
      // Gone from the list at once; the list is read again whatever comes back.
      client.setQueryData<Sessions>(
        key,
        (old) => old && { items: old.items.filter((session) => session.sid !== sid) },
      )
      return api.auth
        .revokeSession({ params: { sid } })
        .finally(() => client.invalidateQueries({ queryKey: key }))
    },
    done: t('session.ended'),
  })
  const revokeOthers = useAction({
    run: () => api.auth.revokeOtherSessions(),
    done: ({ revoked }) => t('session.othersEnded', { count: revoked }),
    refresh: [key],
  })
  return (
    <Page
      title={t('place.sessions')}
      about={t('placeAbout.sessions')}
      actions={
        (sessions.data?.items.length ?? 0) > 1 && (
          <Button variant="default" loading={revokeOthers.isPending} onClick={() => revokeOthers.mutate()}>
            {t('session.endOthers')}
          </Button>
        )
      }
    >
      <Section>
        <Loaded query={sessions}>
          {({ items }) => (
            <Stack gap={0} component="ul" m={0} p={0}>
              {items.map((session) => {
                const device = deviceOf(session.userAgent, t('session.unknownDevice'))
                return (
                  <Row
                    key={session.sid}
                    icon={device.phone ? IconDeviceMobile : IconDeviceDesktop}
                    title={
                      <Group gap={8}>
                        <Text fw={560}>{device.name}</Text>
                        {session.current && <Badge color="green">{t('session.this')}</Badge>}
                      </Group>
                    }
                    about={
                      <>
                        {session.ip} · {t('session.began')} <When time={session.createdAt} /> ·{' '}
                        {t('session.seen')} <When time={session.lastSeenAt} />
                      </>
                    }
                  >
                    {!session.current && (
                      <Button
                        variant="subtle"
                        color="red"
                        size="sm"
                        aria-label={t('session.endNamed', { name: device.name })}
                        onClick={() => revoke.mutate(session.sid)}
                      >
                        {t('session.end')}
                      </Button>
                    )}
                  </Row>
                )
              })}
            </Stack>
          )}
        </Loaded>
      </Section>
    </Page>
  )
}
