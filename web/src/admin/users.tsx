import {
  Avatar,
  Badge,
  Box,
  Drawer,
  Group,
  SegmentedControl,
  Table,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { IconSearch, IconUserSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { More } from '../parts/more.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Failed, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import classes from './tables.module.css'
import { usersKey } from './user-list.ts'
import { UserPanel } from './user-panel.tsx'

type Filter = 'all' | 'active' | 'deactivated'

export function Users() {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 48em)')
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const [state, setState] = useState<Filter>('all')
  const [chosen, setChosen] = useState<string>()
  const list = useInfiniteQuery({
    queryKey: [...usersKey, search, state],
    queryFn: ({ pageParam, signal }) =>
      api.users.listProfiles({
        query: {
          ...(search ? { search } : {}),
          ...(state === 'all' ? {} : { state }),
          ...(pageParam ? { cursor: pageParam } : {}),
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const person = items.find((item) => item.userId === chosen)
  return (
    <Page wide title={t('place.users')} about={t('placeAbout.users')}>
      <Group gap="sm">
        <TextInput
          flex="1 1 240px"
          maw={380}
          type="search"
          leftSection={<IconSearch size={17} />}
          placeholder={t('users.search')}
          aria-label={t('users.search')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
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
      <Box component="section" className="panel" style={{ overflow: 'hidden' }} aria-busy={list.isFetching}>
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && (
          <Box p="md">
            <Waiting rows={6} />
          </Box>
        )}
        {list.data && items.length === 0 && (
          <Empty icon={IconUserSearch} title={t('users.none')}>
            {t('users.noneAbout')}
          </Empty>
        )}
        {items.length > 0 && (
          <Table highlightOnHover className={classes.table!}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('users.person')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('field.email')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('users.joined')}</Table.Th>
                <Table.Th>{t('users.state')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.userId} className={classes.row!}>
                  <Table.Td>
                    <UnstyledButton className={classes.open!} onClick={() => setChosen(item.userId)}>
                      <Group gap="sm" wrap="nowrap">
                        <Avatar size={36} radius="xl" name={item.displayName} color="iris" aria-hidden />
                        <Box miw={0}>
                          <Text fw={560} truncate>
                            {item.displayName}
                          </Text>
                          <Text size="sm" c="dimmed" truncate>
                            @{item.username}
                          </Text>
                        </Box>
                      </Group>
                    </UnstyledButton>
                  </Table.Td>
                  <Table.Td visibleFrom="sm" className="wrap-anywhere">
                    {item.email}
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    <When time={item.createdAt} />
                  </Table.Td>
                  <Table.Td>
                    <Badge color={item.state === 'active' ? 'green' : 'gray'}>
                      {t(`users.${item.state}One`)}
                    </Badge>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Box>
      <More query={list} />
      <Drawer
        opened={person !== undefined}
        onClose={() => setChosen(undefined)}
        position={phone ? 'bottom' : 'right'}
        size={phone ? '88%' : 460}
        radius={phone ? 'lg' : 0}
        title={person?.displayName}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {person && <UserPanel person={person} />}
      </Drawer>
    </Page>
  )
}
