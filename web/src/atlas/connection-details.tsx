import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { Copy } from '../parts/secret.tsx'
import { fullTime, When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { uuidPattern } from './connection-filter.ts'
import { ConnectionState } from './connection-state.tsx'
import { useMayConfigure, usePlace, useProject } from './project.ts'
import type { Connection } from './provider-list.ts'

/** What a person would call the account: its name there, else its address, else its id. */
export function nameOf({ name, email, subject }: Connection): string {
  return name ?? email ?? subject
}

/** Everything that is known of a connection; its tokens are not part of that. */
export function ConnectionDetails({
  connection,
  providerName,
}: {
  connection: Connection
  providerName: string
}) {
  const { t } = useTranslation()
  const place = usePlace()
  const { slug } = useProject()
  const may = useMayConfigure()
  const [asking, setAsking] = useState(false)
  const revoke = useAction({
    run: () => atlas.oauth.revokeConnection({ params: { ...place, connectionId: connection.connectionId } }),
    done: t('atlas.connections.revoked'),
    refresh: [['oauth']],
    onDone: () => setAsking(false),
  })
  return (
    <Stack>
      <Group>
        <ConnectionState state={connection.state} />
      </Group>
      {connection.state === 'broken' && (
        <Alert role="note" color="red" icon={<IconAlertTriangle size={20} />}>
          <Text size="sm" fw={560}>
            {t(`atlas.connections.broken.${connection.brokenReason ?? 'refused'}`)}
          </Text>
          <Text size="sm" mt={4}>
            {t('atlas.connections.mend')}
          </Text>
        </Alert>
      )}
      {connection.state === 'revoked' && (
        <Text size="sm" c="dimmed">
          {t('atlas.connections.revokedAbout')}
        </Text>
      )}
      <Known connection={connection} providerName={providerName} />
      <Group>
        {uuidPattern.test(connection.endUserId) && (
          <Button
            variant="light"
            renderRoot={(props) => (
              <Link
                to="/atlas/$slug/users"
                params={{ slug }}
                search={({ env }) => ({ env, user: connection.endUserId })}
                {...props}
              />
            )}
          >
            {t('atlas.connections.endUserOpen')}
          </Button>
        )}
        {may && connection.state !== 'revoked' && (
          <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
            {t('atlas.connections.revoke')}
          </Button>
        )}
      </Group>
      <Confirm
        opened={asking}
        title={t('atlas.connections.revoke')}
        confirm={t('atlas.connections.revoke')}
        pending={revoke.isPending}
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsking(false)}
      >
        {t('atlas.connections.revokeAbout', { provider: providerName, person: nameOf(connection) })}
      </Confirm>
    </Stack>
  )
}

function Known({ connection, providerName }: { connection: Connection; providerName: string }) {
  const { t } = useTranslation()
  const moments = [
    ['created', connection.createdAt],
    ['refreshed', connection.refreshedAt],
    ['used', connection.usedAt],
    ['nextAttempt', connection.nextAttemptAt],
  ] as const
  const active = connection.state === 'active'
  return (
    <Facts>
      <Fact name={t('atlas.connections.provider')}>{providerName}</Fact>
      <Fact name={t('atlas.connections.endUser')}>
        <span className="mono">{connection.endUserId}</span>
      </Fact>
      <Fact name={t('atlas.connections.subject')}>
        <span className="mono">{connection.subject}</span>
      </Fact>
      {connection.email && <Fact name={t('atlas.connections.email')}>{connection.email}</Fact>}
      {connection.name && <Fact name={t('atlas.connections.name')}>{connection.name}</Fact>}
      <Fact name={t('atlas.connections.scopes')}>
        {connection.scopes.length > 0 ? (
          <span className="mono">{connection.scopes.join(' ')}</span>
        ) : (
          t('atlas.connections.noScopes')
        )}
      </Fact>
      {connection.state !== 'revoked' && (
        <Fact name={t('atlas.connections.refreshable')}>
          {t(connection.refreshable ? 'atlas.connections.yes' : 'atlas.connections.no')}
        </Fact>
      )}
      {active && (
        <Fact name={t('atlas.connections.expires')}>
          {connection.expiresAt ? fullTime(connection.expiresAt) : t('atlas.connections.noEnd')}
        </Fact>
      )}
      {connection.failures > 0 && <Fact name={t('atlas.connections.failures')}>{connection.failures}</Fact>}
      {moments.map(
        ([name, time]) =>
          time && (
            <Fact key={name} name={t(`atlas.connections.${name}`)}>
              <When time={time} />
            </Fact>
          ),
      )}
      <Fact name={t('atlas.connections.id')}>
        <Group gap={8}>
          <span className="mono wrap-anywhere">{connection.connectionId}</span>
          <Copy value={connection.connectionId} label={t('atlas.connections.copyId')} />
        </Group>
      </Fact>
    </Facts>
  )
}
