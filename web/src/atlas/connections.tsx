import { Avatar, Badge, Box, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlugConnected, IconUser, IconZoomQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { ConnectionDetails, nameOf } from './connection-details.tsx'
import { connectionStates, idPattern } from './connection-filter.ts'
import { ConnectionState } from './connection-state.tsx'
import { Health } from './health.tsx'
import { usePlace } from './project.ts'
import { ProviderIcon } from './provider-icon.tsx'
import { type Configuration, type Connection, providersQuery } from './provider-list.ts'

const route = getRouteApi('/app/atlas/$slug/connections')

export function Connections() {
  const { t } = useTranslation()
  const place = usePlace()
  const filter = route.useSearch()
  const navigate = useNavigate({ from: '/atlas/$slug/connections' })
  const [openedId, setOpenedId] = useState<string>()
  const configured = useQuery(providersQuery(place)).data?.items ?? []
  const list = useList({
    queryKey: ['oauth', 'connections', place, filter.state, filter.provider, filter.user],
    load: (cursor, signal) =>
      atlas.oauth.listConnections({
        params: place,
        query: {
          ...(filter.state ? { state: filter.state } : {}),
          ...(filter.provider ? { provider: filter.provider } : {}),
          ...(filter.user ? { endUserId: filter.user } : {}),
          ...cursor,
        },
        signal,
      }),
  })
  const filtered = Boolean(filter.state || filter.provider || filter.user)
  const opened = list.items.find(({ connectionId }) => connectionId === openedId)
  const clear = () => void navigate({ search: ({ env }) => ({ env }), replace: true })
  return (
    <Page wide title={t('atlas.tab.connections')} about={t('atlas.connections.about')}>
      <Health configured={configured} />
      <Filters configured={configured} />
      <ListPanel
        list={list}
        empty={
          filtered ? (
            <Empty
              icon={IconZoomQuestion}
              title={t('atlas.connections.nothing')}
              action={
                <Button variant="default" onClick={clear}>
                  {t('state.clearFilters')}
                </Button>
              }
            >
              {t('atlas.connections.nothingAbout')}
            </Empty>
          ) : (
            <Empty icon={IconPlugConnected} title={t('atlas.connections.none')}>
              {t('atlas.connections.noneAbout')}
            </Empty>
          )
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={({ connectionId }) => connectionId}
            onOpen={({ connectionId }) => setOpenedId(connectionId)}
            columns={[
              { title: t('atlas.connections.account'), cell: (one) => <Account connection={one} /> },
              {
                title: t('atlas.connections.provider'),
                from: 'sm',
                cell: (one) => <Provider of={one.provider} configured={configured} />,
              },
              {
                title: t('atlas.connections.endUser'),
                from: 'md',
                cell: (one) => <span className="mono wrap-anywhere">{one.endUserId}</span>,
              },
              { title: t('users.state'), cell: (one) => <ConnectionState state={one.state} /> },
              {
                title: t('atlas.connections.refreshed'),
                from: 'md',
                cell: (one) => <When time={one.refreshedAt ?? one.createdAt} />,
              },
            ]}
          />
        )}
      </ListPanel>
      <SidePanel
        opened={opened !== undefined}
        title={opened && nameOf(opened)}
        size={600}
        onClose={() => setOpenedId(undefined)}
      >
        {opened && (
          <ConnectionDetails
            key={opened.connectionId}
            connection={opened}
            providerName={providerName(opened.provider, configured)}
          />
        )}
      </SidePanel>
    </Page>
  )
}

function providerName(key: string, configured: readonly Configuration[]): string {
  return configured.find(({ provider }) => provider === key)?.name ?? key
}

/** The filters stand in the address, so that other pages can lead to a part of the list. */
function Filters({ configured }: { configured: readonly Configuration[] }) {
  const { t } = useTranslation()
  const filter = route.useSearch()
  const navigate = useNavigate({ from: '/atlas/$slug/connections' })
  const [typed, setTyped] = useState(filter.user ?? '')
  const choose = (more: Partial<typeof filter>) =>
    void navigate({ search: (old) => ({ ...old, ...more }), replace: true })
  const search = useDebouncedCallback((text: string) => {
    if (text === '' || idPattern.test(text)) choose({ user: text === '' ? undefined : text })
  }, 300)
  useEffect(() => setTyped(filter.user ?? ''), [filter.user])
  const text = typed.trim()
  const bad = text !== '' && !idPattern.test(text)
  return (
    <Group gap="sm" align="flex-start">
      <Select
        aria-label={t('atlas.connections.anyState')}
        placeholder={t('atlas.connections.anyState')}
        w={190}
        clearable
        data={connectionStates.map((state) => ({
          value: state,
          label: t(`atlas.connections.states.${state}`),
        }))}
        value={filter.state ?? null}
        onChange={(state) => choose({ state: (state as Connection['state'] | null) ?? undefined })}
      />
      <Select
        aria-label={t('atlas.connections.anyProvider')}
        placeholder={t('atlas.connections.anyProvider')}
        w={210}
        clearable
        data={configured.map(({ provider, name }) => ({ value: provider, label: name }))}
        value={filter.provider ?? null}
        onChange={(provider) => choose({ provider: provider ?? undefined })}
      />
      <TextInput
        type="search"
        aria-label={t('atlas.connections.byUser')}
        placeholder={t('atlas.connections.byUser')}
        leftSection={<IconUser size={17} />}
        w={{ base: '100%', xs: 320 }}
        maxLength={200}
        spellCheck={false}
        value={typed}
        error={bad && t('atlas.connections.userBad')}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          search(event.currentTarget.value.trim())
        }}
      />
    </Group>
  )
}

function Account({ connection }: { connection: Connection }) {
  return (
    <Group gap="sm" wrap="nowrap">
      {/* No picture: it would tell the provider who looks at this page. */}
      <Avatar size={34} radius="xl" name={nameOf(connection)} color="iris" aria-hidden />
      <Stack gap={0} miw={0}>
        <Text fw={560} className="wrap-anywhere">
          {nameOf(connection)}
        </Text>
        {connection.email && connection.email !== nameOf(connection) && (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {connection.email}
          </Text>
        )}
      </Stack>
    </Group>
  )
}

function Provider({ of, configured }: { of: string; configured: readonly Configuration[] }) {
  const found = configured.find(({ provider }) => provider === of)
  return (
    <Group gap={8} wrap="nowrap">
      {found && <ProviderIcon icon={found.icon} size={24} />}
      <Box>{found?.name ?? <Badge color="gray">{of}</Badge>}</Box>
    </Group>
  )
}
