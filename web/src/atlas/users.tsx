import { Avatar, Badge, Box, Button, Group, Modal, SegmentedControl, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconUserSearch, IconUsers } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { useMayConfigure, usePlace } from './project.ts'
import { CreateUser } from './user-create.tsx'
import { UserDetails } from './user-details.tsx'
import { type EndUser, nameOf, UserState, useEndUser, usersKey } from './user-list.tsx'

const route = getRouteApi('/app/atlas/$slug/users')
type Filter = 'all' | EndUser['state']

/** People who sign in to the apps of the chosen environment. */
export function EndUsers() {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayConfigure()
  const { user } = route.useSearch()
  const navigate = useNavigate({ from: '/atlas/$slug/users' })
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const [state, setState] = useState<Filter>('all')
  const [creating, setCreating] = useState(false)
  const list = useList({
    queryKey: [...usersKey(place), search, state],
    load: (cursor, signal) =>
      atlas.oidc.listEndUsers({
        params: place,
        query: { ...(search ? { search } : {}), ...(state === 'all' ? {} : { state }), ...cursor },
        signal,
      }),
  })
  const open = (id: string | undefined) =>
    void navigate({ search: ({ env }) => ({ env, ...(id ? { user: id } : {}) }), replace: true })
  const filtered = search !== '' || state !== 'all'
  const create = may && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
      {t('atlas.users.create')}
    </Button>
  )
  return (
    <Page
      wide
      title={t('atlas.tab.users')}
      about={t('atlas.users.about')}
      actions={(list.items.length > 0 || filtered) && create}
    >
      <Group gap="sm">
        <SearchField label={t('atlas.users.search')} value={typed} onChange={setTyped} />
        <SegmentedControl
          aria-label={t('users.state')}
          value={state}
          onChange={(value) => setState(value as Filter)}
          data={[
            { value: 'all', label: t('atlas.users.all') },
            { value: 'active', label: t('atlas.users.states.active') },
            { value: 'blocked', label: t('atlas.users.states.blocked') },
          ]}
        />
      </Group>
      <ListPanel
        list={list}
        empty={
          filtered ? (
            <Empty
              icon={IconUserSearch}
              title={t('atlas.users.nothing')}
              action={
                <Button
                  variant="default"
                  onClick={() => {
                    setTyped('')
                    setState('all')
                  }}
                >
                  {t('state.clearFilters')}
                </Button>
              }
            >
              {t('atlas.users.nothingAbout')}
            </Empty>
          ) : (
            <Empty icon={IconUsers} title={t('atlas.users.none')} action={create}>
              {t('atlas.users.noneAbout')}
            </Empty>
          )
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={({ endUserId }) => endUserId}
            onOpen={({ endUserId }) => open(endUserId)}
            columns={[
              { title: t('atlas.users.person'), cell: (one) => <Person person={one} /> },
              {
                title: t('atlas.users.lastSignIn'),
                from: 'sm',
                cell: (one) => (one.lastSignInAt ? <When time={one.lastSignInAt} /> : t('atlas.users.never')),
              },
              { title: t('atlas.users.since'), from: 'md', cell: (one) => <When time={one.createdAt} /> },
              { title: t('users.state'), cell: (one) => <UserState state={one.state} /> },
            ]}
          />
        )}
      </ListPanel>
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title={t('atlas.users.create')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {creating && <CreateUser onDone={() => setCreating(false)} />}
      </Modal>
      <Panel endUserId={user} onClose={() => open(undefined)} />
    </Page>
  )
}

/** By id, not from the list: other pages lead here, too. */
function Panel({ endUserId, onClose }: { endUserId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const person = useEndUser(endUserId).data
  return (
    <SidePanel
      opened={endUserId !== undefined}
      title={person ? nameOf(person, t('atlas.users.noName')) : t('atlas.users.person')}
      size={600}
      onClose={onClose}
    >
      {endUserId && <UserDetails key={endUserId} endUserId={endUserId} onGone={onClose} />}
    </SidePanel>
  )
}

function Person({ person }: { person: EndUser }) {
  const { t } = useTranslation()
  const name = nameOf(person, t('atlas.users.noName'))
  return (
    <Group gap="sm" wrap="nowrap">
      <Avatar size={36} radius="xl" name={name} color="iris" aria-hidden />
      <Box miw={0}>
        <Text fw={560} className="wrap-anywhere">
          {name}
        </Text>
        {person.email && person.email !== name && (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {person.email}
          </Text>
        )}
        {person.email && !person.emailVerified && <Badge color="yellow">{t('atlas.users.unverified')}</Badge>}
      </Box>
    </Group>
  )
}
