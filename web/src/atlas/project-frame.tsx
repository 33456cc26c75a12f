import { Alert, Badge, Box, Button, Group, Select, Text } from '@mantine/core'
import { IconArchive, IconPlanetOff, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Page, PagesOf, Section } from '../parts/page.tsx'
import { isProblem } from '../parts/problem.ts'
import { Empty, Failed, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { PagePending } from '../shell/fallbacks.tsx'
import { atlas } from './api.ts'
import { type Project, projectQuery, useEnvironment } from './project.ts'
import { ProjectAvatar } from './project-avatar.tsx'
import classes from './project-frame.module.css'
import { tabs, tabsOf } from './tabs.ts'

const route = getRouteApi('/app/atlas/$slug')

/** The frame of a project's pages: which project, which environment, where one can go in it. */
export function ProjectFrame() {
  const { slug } = route.useParams()
  const project = useQuery(projectQuery(slug))
  if (isProblem(project.error, 'notFound')) return <NoProject slug={slug} />
  if (!project.data)
    return (
      <Page wide title={slug}>
        {project.isError ? (
          <Failed error={project.error} retry={() => void project.refetch()} />
        ) : (
          <Waiting rows={5} />
        )}
      </Page>
    )
  return (
    <Box maw={1240} mx="auto" w="100%">
      <Head project={project.data} />
      <Tabs project={project.data} />
      <Rest project={project.data} />
      <PagesOf value={project.data.name}>
        <Suspense fallback={<PagePending />}>
          <Outlet />
        </Suspense>
      </PagesOf>
    </Box>
  )
}

/** Also what those see who are no members: whether there is such a project is not theirs to know. */
function NoProject({ slug }: { slug: string }) {
  const { t } = useTranslation()
  return (
    <Page wide title={slug}>
      <Section>
        <Empty
          icon={IconPlanetOff}
          title={t('atlas.projects.gone')}
          action={
            <Button renderRoot={(props) => <Link to="/atlas" {...props} />}>
              {t('atlas.projects.toList')}
            </Button>
          }
        >
          {t('atlas.projects.goneAbout')}
        </Empty>
      </Section>
    </Page>
  )
}

/** The last part of the address of one of the project's pages; empty for its overview. */
function useTabHere(slug: string): string {
  const path = useRouterState({ select: (state) => state.location.pathname })
  return path.slice(`/atlas/${slug}`.length).split('/')[1] ?? ''
}

function Tabs({ project }: { project: Project }) {
  const { t } = useTranslation()
  const list = useRef<HTMLUListElement>(null)
  const here = useTabHere(project.slug)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another current tab.
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-current="page"]')?.parentElement
    if (!list.current || !tab) return
    // Only the strip moves: `scrollIntoView` would move the page, too.
    list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.offsetWidth) / 2
  }, [here, project.slug])
  return (
    <nav aria-label={t('atlas.nav', { name: project.name })}>
      <ul className={classes.tabs} ref={list}>
        {tabsOf(project.role).map((tab) => (
          <li key={tab.to}>
            <Link
              to={tab.to}
              params={{ slug: project.slug }}
              className={classes.tab!}
              activeOptions={{ exact: true, includeSearch: false }}
            >
              {t(`atlas.tab.${tab.name}`)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Head({ project }: { project: Project }) {
  const { t } = useTranslation()
  const environment = useEnvironment()
  const navigate = useNavigate()
  const last = useTabHere(project.slug)
  const here = tabs.find(({ to }) => to.split('/')[3] === (last || undefined))
  return (
    <div className={classes.head}>
      <ProjectAvatar project={project} size={40} />
      <Box miw={0} flex="1 1 200px">
        <Text fw={640} fz="lg" truncate title={project.name}>
          {project.name}
        </Text>
        <Text size="sm" c="dimmed" className="mono" truncate>
          {project.slug}
        </Text>
      </Box>
      {here?.environment && (
        <Select
          aria-label={t('atlas.environment')}
          w={190}
          allowDeselect={false}
          data={project.environments}
          value={environment}
          onChange={(env) =>
            void navigate({
              to: '.',
              search: (old) => ({ ...old, env: env === 'production' ? undefined : (env ?? undefined) }),
            })
          }
        />
      )}
      {project.role && <Badge color="gray">{t(`atlas.role.${project.role}`)}</Badge>}
    </div>
  )
}

/** Tells that the project rests, and lets those who may wake it. */
function Rest({ project }: { project: Project }) {
  const { t } = useTranslation()
  const params = { projectId: project.projectId }
  const deleting = project.state === 'deleting'
  const wake = useAction({
    run: () =>
      deleting ? atlas.projects.undeleteProject({ params }) : atlas.projects.restoreProject({ params }),
    done: t(deleting ? 'atlas.settings.undeleted' : 'atlas.settings.restored'),
    refresh: [['projects']],
  })
  if (project.state === 'active') return null
  const may = deleting ? project.role === 'owner' : project.role === 'owner' || project.role === 'admin'
  return (
    <Alert
      mb="lg"
      color={deleting ? 'red' : 'yellow'}
      icon={deleting ? <IconTrash size={20} /> : <IconArchive size={20} />}
      title={t(deleting ? 'atlas.settings.deleting' : 'atlas.settings.resting')}
    >
      <Group justify="space-between">
        <Text size="sm">
          {deleting && project.deleteAt ? (
            <>
              {t('atlas.settings.deletingAt')} <When time={project.deleteAt} />
            </>
          ) : (
            t('atlas.settings.restingAbout')
          )}
        </Text>
        {may && (
          <Button size="xs" variant="default" loading={wake.isPending} onClick={() => wake.mutate()}>
            {t(deleting ? 'atlas.settings.undelete' : 'atlas.settings.restore')}
          </Button>
        )}
      </Group>
    </Alert>
  )
}
