import { Avatar, Badge, Box, Button, Group, SegmentedControl, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconUserSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { type Listed, usersKey } from './user-list.ts'
import { UserPanel } from './user-panel.tsx'

type Filter = 'all' | 'active' | 'deactivated'

/** Everybody who has an account, for administrators. */
export function Users() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const [state, setState] = useState<Filter>('all')
  const [chosen, setChosen] = useState<string>()
  const list = useList({
    queryKey: [...usersKey, search, state],
    load: (cursor, signal) =>
      api.users.listProfiles({
        query: { ...(search ? { search } : {}), ...(state === 'all' ? {} : { state }), ...cursor },
        signal,
      }),
  })
  const person = list.items.find((item) => item.userId === chosen)
  const clear = () => {
    setTyped('')
    setState('all')
  }
  return (
    <Page wide title={t('place.users')} about={t('placeAbout.users')}>
      <Group gap="sm">
        <SearchField label={t('users.search')} value={typed} onChange={setTyped} />
        <SegmentedControl
          aria-label={t('users.state')}
          value={state}
          onChange={(value) => setState(value as Filter)}
          data={(['all', 'active', 'deactivated'] as const).map((value) => ({
            value,
            label: t(`users.${value}`),
          }))}
        />
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty
            icon={IconUserSearch}
            title={t('users.none')}
            action={
              <Button variant="default" onClick={clear}>
                {t('state.clearFilters')}
              </Button>
            }
          >
            {t('users.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(item) => item.userId}
            onOpen={(item) => setChosen(item.userId)}
            columns={[
              { title: t('users.person'), cell: (item) => <Person person={item} /> },
              {
                title: t('field.email'),
                from: 'sm',
                cell: (item) => <span className="wrap-anywhere">{item.email}</span>,
              },
              { title: t('users.joined'), from: 'sm', cell: (item) => <When time={item.createdAt} /> },
              {
                title: t('users.state'),
                cell: (item) => (
                  <Badge color={item.state === 'active' ? 'green' : 'gray'}>
                    {t(`users.${item.state}One`)}
                  </Badge>
                ),
              },
            ]}
          />
        )}
      </ListPanel>
      <SidePanel
        opened={person !== undefined}
        title={person?.displayName}
        size={460}
        onClose={() => setChosen(undefined)}
      >
        {person && <UserPanel person={person} />}
      </SidePanel>
    </Page>
  )
}

function Person({ person }: { person: Listed }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Avatar size={36} radius="xl" name={person.displayName} color="iris" aria-hidden />
      <Box miw={0}>
        <Text fw={560} truncate>
          {person.displayName}
        </Text>
        <Text size="sm" c="dimmed" truncate>
          @{person.username}
        </Text>
      </Box>
    </Group>
  )
}
