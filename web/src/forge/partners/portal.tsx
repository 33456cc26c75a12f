import { Alert, Anchor, Button, Group, Select, Tabs } from '@mantine/core'
import { IconArrowLeft, IconPlanetOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { type Project, projectQuery } from '../../atlas/project.ts'
import { Page, Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { Begin } from './begin.tsx'
import { rehearses } from './data.ts'
import { Log } from './log.tsx'
import { portalTabs } from './tabs.ts'
import { UsagePage } from './usage.tsx'

const route = getRouteApi('/app/forge/partners/project/$slug')

/** What the members of a project see of the partners' API. */
export function Portal() {
  const { t } = useTranslation()
  const { slug } = route.useParams()
  const project = useQuery(projectQuery(slug))
  if (project.data) return <Opened project={project.data} />
  const gone = isProblem(project.error, 'notFound')
  return (
    <Page wide title={gone ? t('atlas.projects.gone') : slug}>
      {gone ? (
        <Section>
          <Empty
            icon={IconPlanetOff}
            title={t('atlas.projects.gone')}
            action={
              <Button renderRoot={(props) => <Link to="/forge/partners" {...props} />}>
                {t('partners.all')}
              </Button>
            }
          >
            {t('atlas.projects.goneAbout')}
          </Empty>
        </Section>
      ) : project.isError ? (
        <Failed error={project.error} retry={() => void project.refetch()} />
      ) : (
        <Waiting rows={5} height={72} />
      )}
    </Page>
  )
}

function Opened({ project }: { project: Project }) {
  const { t } = useTranslation()
  const { tab = 'begin', env = 'production' } = route.useSearch()
  const navigate = route.useNavigate()
  const environment = project.environments.includes(env) ? env : 'production'
  const place = { projectId: project.projectId, environment }
  return (
    <Page
      wide
      title={t('partners.title', { name: project.name })}
      actions={
        <Select
          label={t('atlas.environment')}
          w={220}
          allowDeselect={false}
          data={project.environments}
          value={environment}
          onChange={(value) =>
            void navigate({
              search: (old) => ({ ...old, env: value === 'production' ? undefined : (value ?? undefined) }),
            })
          }
        />
      }
    >
      <Anchor renderRoot={(props) => <Link to="/forge/partners" {...props} />}>
        <Group gap={6} component="span">
          <IconArrowLeft size={16} aria-hidden />
          {t('partners.all')}
        </Group>
      </Anchor>
      {project.state !== 'active' && <Alert color="yellow">{t('partners.resting')}</Alert>}
      {rehearses(environment) && (
        <Alert color="iris" title={t('partners.sandbox')}>
          {t('partners.sandboxHere', { environment })}
        </Alert>
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, tab: portalTabs.find((one) => one === value && one !== 'begin') }),
          })
        }
      >
        <Tabs.List mb="lg" aria-label={t('place.partners')}>
          {portalTabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`partners.tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="begin">
          <Begin project={project} place={place} />
        </Tabs.Panel>
        <Tabs.Panel value="usage">
          <UsagePage place={place} />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <Log project={project} place={place} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
