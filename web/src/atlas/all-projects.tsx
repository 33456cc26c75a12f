import { Badge, Box, Button, Group, Menu, Modal, Select, Stack, Switch } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlanet } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemMenu } from '../parts/item-menu.tsx'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { AppointOwner } from './appoint-owner.tsx'
import { ProjectName } from './projects.tsx'

type Any = Awaited<ReturnType<typeof atlas.projects.listAllProjects>>['items'][number]
const states = ['active', 'archived', 'deleting'] as const

/** Every project of the platform, for administrators: which have nobody to answer for them, and who shall. */
export function AllProjects() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const [state, setState] = useState<string | null>(null)
  const [ownerless, setOwnerless] = useState(false)
  const [appointing, setAppointing] = useState<Any>()
  const filter = {
    ...(search ? { search } : {}),
    ...(state ? { state: state as Any['state'] } : {}),
    ...(ownerless ? { ownerless } : {}),
  }
  const list = useList({
    queryKey: ['projects', 'all', filter],
    load: (cursor, signal) => atlas.projects.listAllProjects({ query: { ...filter, ...cursor }, signal }),
  })
  const clear = () => {
    setTyped('')
    setState(null)
    setOwnerless(false)
  }
  const filtered = Object.keys(filter).length > 0
  return (
    <Page wide title={t('place.allProjects')} about={t('placeAbout.allProjects')}>
      <Group gap="sm">
        <SearchField label={t('atlas.projects.search')} value={typed} onChange={setTyped} />
        <Select
          aria-label={t('users.state')}
          placeholder={t('atlas.admin.anyState')}
          w={{ base: '100%', xs: 190 }}
          clearable
          data={states.map((one) => ({ value: one, label: t(`atlas.state.${one}`) }))}
          value={state}
          onChange={setState}
        />
        <Switch
          label={t('atlas.admin.onlyOwnerless')}
          checked={ownerless}
          onChange={(event) => setOwnerless(event.currentTarget.checked)}
        />
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty
            icon={IconPlanet}
            title={t(filtered ? 'atlas.projects.notFound' : 'atlas.projects.none')}
            action={
              filtered && (
                <Button variant="default" onClick={clear}>
                  {t('state.clearFilters')}
                </Button>
              )
            }
          />
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(item) => item.projectId}
            columns={[
              {
                title: t('atlas.projects.name'),
                cell: (item) => (
                  <Stack gap={6}>
                    <ProjectName project={item} />
                    <Box hiddenFrom="sm">
                      <State project={item} />
                    </Box>
                  </Stack>
                ),
              },
              {
                title: t('atlas.tab.members'),
                from: 'md',
                cell: (item) => <span className="numbers">{item.members}</span>,
              },
              {
                title: t('atlas.projects.since'),
                from: 'md',
                cell: (item) => <When time={item.createdAt} />,
              },
              {
                title: t('users.state'),
                from: 'sm',
                cell: (item) => <State project={item} />,
              },
              {
                title: t('atlas.actions'),
                cell: (item) =>
                  // What is being deleted takes no owner.
                  item.state !== 'deleting' && (
                    <ItemMenu label={t('atlas.members.menu', { name: item.name })}>
                      <Menu.Item onClick={() => setAppointing(item)}>{t('atlas.admin.appoint')}</Menu.Item>
                    </ItemMenu>
                  ),
              },
            ]}
          />
        )}
      </ListPanel>
      <Modal
        opened={appointing !== undefined}
        onClose={() => setAppointing(undefined)}
        title={t('atlas.admin.appoint')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {appointing && <AppointOwner project={appointing} onDone={() => setAppointing(undefined)} />}
      </Modal>
    </Page>
  )
}

function State({ project }: { project: Any }) {
  const { t } = useTranslation()
  return (
    <Group gap={4}>
      <Badge color={project.state === 'active' ? 'green' : 'gray'}>{t(`atlas.state.${project.state}`)}</Badge>
      {project.ownerless && <Badge color="red">{t('atlas.admin.ownerless')}</Badge>}
    </Group>
  )
}
