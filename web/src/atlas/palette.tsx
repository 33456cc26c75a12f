/**
 * What the palette finds of Atlas: one's projects by their names, and the pages of the project one is in. It stands in
 * the frame of every page, so it loads the client only when somebody searches.
 */
import { useDebouncedValue } from '@mantine/hooks'
import { IconFileText, IconPlanet } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useRuns } from '../services.ts'
import type { Project } from './project.ts'
import { tabsOf } from './tabs.ts'

export function useProjectActions(typed: string) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const runs = useRuns()
  const [search] = useDebouncedValue(typed.trim(), 150)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const here = path.match(/^\/atlas\/([^/]+)/)?.[1]
  // The frame of the project has asked for it already.
  const project = here && client.getQueryData<Project>(['projects', 'one', here])
  const found = useQuery({
    queryKey: ['projects', 'find', search],
    queryFn: async ({ signal }) => {
      const { atlas } = await import('./api.ts')
      return atlas.projects.listProjects({ query: { search, limit: 8 }, signal })
    },
    enabled: search !== '' && runs('projects'),
    placeholderData: (before) => before,
    retry: false,
  })
  const pages = {
    group: project ? project.name : '',
    actions: project
      ? tabsOf(project.role).map((tab) => ({
          id: `${project.projectId} ${tab.name}`,
          label: t(`atlas.tab.${tab.name}`),
          leftSection: <IconFileText size={20} stroke={1.6} />,
          onClick: () =>
            void navigate({ to: tab.to, params: { slug: project.slug }, search: (old) => old as object }),
        }))
      : [],
  }
  const projects = {
    group: t('place.projects'),
    actions: (typed.trim() === '' ? [] : (found.data?.items ?? [])).map((one) => ({
      id: one.projectId,
      label: one.name,
      description: one.slug,
      leftSection: <IconPlanet size={20} stroke={1.6} />,
      onClick: () => void navigate({ to: '/atlas/$slug', params: { slug: one.slug } }),
    })),
  }
  return [pages, projects]
}
