/** What belongs to an end user: accounts elsewhere, passkeys, sessions, consents. */
import { Button, Stack, Text, Title } from '@mantine/core'
import { IconApps, IconDeviceLaptop, IconDeviceMobile, IconFingerprint, IconLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { deviceOf } from '../parts/device.ts'
import { Row } from '../parts/row.tsx'
import { Loaded, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { useMayConfigure, usePlace } from './project.ts'
import { providersQuery } from './provider-list.ts'
import { type EndUserDetails, userKey } from './user-list.tsx'

function Part({ title, none, children }: { title: string; none?: string | false; children?: ReactNode }) {
  return (
    <Stack gap="xs" component="section">
      <Title order={3}>{title}</Title>
      {none ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        children
      )}
    </Stack>
  )
}

function Rows({ children }: { children: ReactNode }) {
  return (
    <Stack gap={0} component="ul" m={0} p={0}>
      {children}
    </Stack>
  )
}

export function Identities({ person: { identities } }: { person: EndUserDetails }) {
  const { t } = useTranslation()
  const configured = useQuery(providersQuery(usePlace())).data?.items ?? []
  const nameOf = (key: string) => configured.find(({ provider }) => provider === key)?.name ?? key
  return (
    <Part title={t('atlas.users.identities')} none={identities.length === 0 && t('atlas.users.noIdentities')}>
      <Rows>
        {identities.map(({ id, provider, email, name, linkedAt }) => (
          <Row
            key={id}
            icon={IconLink}
            title={<Text fw={560}>{nameOf(provider)}</Text>}
            about={
              <>
                {[name, email].filter(Boolean).join(' · ')} · {t('atlas.users.linked')}{' '}
                <When time={linkedAt} />
              </>
            }
          />
        ))}
      </Rows>
    </Part>
  )
}

export function Passkeys({ person: { passkeys } }: { person: EndUserDetails }) {
  const { t } = useTranslation()
  return (
    <Part title={t('atlas.users.passkeys')} none={passkeys.length === 0 && t('atlas.users.noPasskeys')}>
      <Rows>
        {passkeys.map(({ id, name, createdAt, lastUsedAt }) => (
          <Row
            key={id}
            icon={IconFingerprint}
            title={<Text fw={560}>{name}</Text>}
            about={
              <>
                <When time={createdAt} />
                {lastUsedAt && (
                  <>
                    {' · '}
                    {t('atlas.users.passkeyUsed')} <When time={lastUsedAt} />
                  </>
                )}
              </>
            }
          />
        ))}
      </Rows>
    </Part>
  )
}

const methods = ['pwd', 'fed', 'hwk'] as const

export function Sessions({ endUserId }: { endUserId: string }) {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayConfigure()
  const params = { ...place, endUserId }
  const queryKey = [...userKey(place, endUserId), 'sessions']
  const sessions = useQuery({
    queryKey,
    queryFn: ({ signal }) => atlas.oidc.listEndUserSessions({ params, signal }),
  })
  const end = useAction({
    run: (sessionId: string) => atlas.oidc.revokeEndUserSession({ params: { ...params, sessionId } }),
    done: t('session.ended'),
    refresh: [queryKey],
  })
  return (
    <Loaded query={sessions} waiting={<Waiting rows={1} />}>
      {({ items }) => (
        <Part title={t('atlas.users.sessions')} none={items.length === 0 && t('atlas.users.noSessions')}>
          <Rows>
            {items.map((session) => {
              const device = deviceOf(session.userAgent, t('session.unknownDevice'))
              const how = methods
                .filter((method) => session.methods.includes(method))
                .map((method) => t(`atlas.users.method.${method}`))
              return (
                <Row
                  key={session.id}
                  icon={device.phone ? IconDeviceMobile : IconDeviceLaptop}
                  title={<Text fw={560}>{device.name}</Text>}
                  about={
                    <>
                      {[session.ip, ...how].join(' · ')} · {t('session.seen')}{' '}
                      <When time={session.lastSeenAt} />
                      {session.appNames.length > 0 &&
                        ` · ${t('hosted.account.signedInTo', { apps: session.appNames.join(', ') })}`}
                    </>
                  }
                >
                  {may && (
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      aria-label={t('session.endNamed', { name: device.name })}
                      loading={end.isPending && end.variables === session.id}
                      onClick={() => end.mutate(session.id)}
                    >
                      {t('session.end')}
                    </Button>
                  )}
                </Row>
              )
            })}
          </Rows>
        </Part>
      )}
    </Loaded>
  )
}

export function Consents({ endUserId }: { endUserId: string }) {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayConfigure()
  const params = { ...place, endUserId }
  const queryKey = [...userKey(place, endUserId), 'consents']
  const consents = useQuery({
    queryKey,
    queryFn: ({ signal }) => atlas.oidc.listEndUserConsents({ params, signal }),
  })
  const takeBack = useAction({
    run: (consentId: string) => atlas.oidc.revokeEndUserConsent({ params: { ...params, consentId } }),
    done: t('atlas.users.takenBack'),
    refresh: [queryKey],
  })
  return (
    <Loaded query={consents} waiting={<Waiting rows={1} />}>
      {({ items }) => (
        <Part title={t('atlas.users.consents')} none={items.length === 0 && t('atlas.users.noConsents')}>
          <Rows>
            {items.map((consent) => (
              <Row
                key={consent.id}
                icon={IconApps}
                title={<Text fw={560}>{consent.appName}</Text>}
                about={
                  <>
                    <span className="mono">{consent.scopes.join(' ')}</span> ·{' '}
                    <When time={consent.grantedAt} />
                  </>
                }
              >
                {may && (
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-sm"
                    aria-label={t('atlas.users.takeBackNamed', { name: consent.appName })}
                    loading={takeBack.isPending && takeBack.variables === consent.id}
                    onClick={() => takeBack.mutate(consent.id)}
                  >
                    {t('atlas.users.takeBack')}
                  </Button>
                )}
              </Row>
            ))}
          </Rows>
        </Part>
      )}
    </Loaded>
  )
}
