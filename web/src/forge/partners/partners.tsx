import { Badge, Button } from '@mantine/core'
import { IconAdjustments, IconPlugConnected } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { atlas } from '../../atlas/api.ts'
import { ProjectName } from '../../atlas/projects.tsx'
import { useMay } from '../../me.ts'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { managePlans } from './data.ts'

/** The projects whose programs can order: one chooses among those one is a member of. */
export function Partners() {
  const { t } = useTranslation()
  const may = useMay()
  const list = useList({
    queryKey: ['projects', 'list', ''],
    load: (cursor, signal) => atlas.projects.listProjects({ query: cursor, signal }),
  })
  return (
    <Page
      wide
      title={t('place.partners')}
      about={t('partners.about')}
      actions={
        may(managePlans) && (
          <Button
            variant="default"
            leftSection={<IconAdjustments size={18} />}
            renderRoot={(props) => <Link to="/forge/partners/plans" {...props} />}
          >
            {t('partners.plans')}
          </Button>
        )
      }
    >
      <ListPanel
        list={list}
        empty={
          <Empty
            icon={IconPlugConnected}
            title={t('partners.none')}
            action={
              <Button renderRoot={(props) => <Link to="/atlas" {...props} />}>
                {t('partners.toProjects')}
              </Button>
            }
          >
            {t('partners.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={({ projectId }) => projectId}
            link={({ slug }, props) => (
              <Link to="/forge/partners/project/$slug" params={{ slug }} {...props} />
            )}
            columns={[
              { title: t('partners.project'), cell: (project) => <ProjectName project={project} /> },
              { title: t('partners.role'), from: 'sm', cell: ({ role }) => t(`atlas.role.${role}`) },
              {
                title: t('partners.state'),
                from: 'xs',
                cell: ({ state }) => (
                  <Badge color={state === 'active' ? 'green' : 'gray'}>{t(`atlas.state.${state}`)}</Badge>
                ),
              },
            ]}
          />
        )}
      </ListPanel>
    </Page>
  )
}
