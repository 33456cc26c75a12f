import { Badge, Box, Button, Group, Text } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconPlanet, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { CreateProject } from './create-project.tsx'
import { ProjectAvatar } from './project-avatar.tsx'

type Listed = Awaited<ReturnType<typeof atlas.projects.listProjects>>['items'][number]

/** The projects one is a member of. */
export function Projects() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const [creating, { open, close }] = useDisclosure()
  const list = useList({
    queryKey: ['projects', 'list', search],
    load: (cursor, signal) =>
      atlas.projects.listProjects({ query: { ...(search ? { search } : {}), ...cursor }, signal }),
  })
  const create = (
    <Button leftSection={<IconPlus size={18} />} onClick={open}>
      {t('atlas.projects.create')}
    </Button>
  )
  const any = list.items.length > 0 || search !== ''
  return (
    <Page wide title={t('place.projects')} about={t('placeAbout.projects')} actions={any && create}>
      {any && <SearchField label={t('atlas.projects.search')} value={typed} onChange={setTyped} />}
      <ListPanel
        list={list}
        empty={
          search === '' ? (
            <Empty icon={IconPlanet} title={t('atlas.projects.none')} action={create}>
              {t('atlas.projects.noneAbout')}
            </Empty>
          ) : (
            <Empty
              icon={IconPlanet}
              title={t('atlas.projects.notFound')}
              action={
                <Button variant="default" onClick={() => setTyped('')}>
                  {t('state.clearFilters')}
                </Button>
              }
            >
              {t('atlas.projects.notFoundAbout')}
            </Empty>
          )
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(item) => item.projectId}
            link={(item, props) => <Link to="/atlas/$slug" params={{ slug: item.slug }} {...props} />}
            columns={[
              { title: t('atlas.projects.name'), cell: (item) => <ProjectName project={item} /> },
              { title: t('atlas.projects.role'), from: 'sm', cell: (item) => t(`atlas.role.${item.role}`) },
              {
                title: t('atlas.projects.since'),
                from: 'sm',
                cell: (item) => <When time={item.createdAt} />,
              },
              {
                title: t('users.state'),
                cell: (item) => (
                  <Badge color={item.state === 'active' ? 'green' : 'gray'}>
                    {t(`atlas.state.${item.state}`)}
                  </Badge>
                ),
              },
            ]}
          />
        )}
      </ListPanel>
      <CreateProject opened={creating} onClose={close} />
    </Page>
  )
}

/** A project by its looks, name and address, in a list. */
export function ProjectName({ project }: { project: Pick<Listed, 'name' | 'slug' | 'accent' | 'logoUrl'> }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <ProjectAvatar project={project} size={36} />
      <Box miw={0}>
        <Text fw={560} className="wrap-anywhere" lineClamp={2}>
          {project.name}
        </Text>
        <Text size="sm" c="dimmed" className="mono wrap-anywhere" lineClamp={1}>
          {project.slug}
        </Text>
      </Box>
    </Group>
  )
}
