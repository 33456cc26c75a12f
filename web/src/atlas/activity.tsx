import { Select, Stack, Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { fullTime } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { useProject } from './project.ts'

type Entry = Awaited<ReturnType<typeof atlas.projects.listActivity>>['items'][number]
const kinds = ['project', 'member', 'environment', 'key', 'app', 'provider', 'enduser', 'webhook'] as const

/** What happened in a project, and who did it. */
export function Activity() {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const [kind, setKind] = useState<string | null>(null)
  const locale = currentLanguage()
  const list = useList({
    queryKey: ['projects', 'activity', projectId, kind, locale],
    load: (cursor, signal) =>
      atlas.projects.listActivity({
        params: { projectId },
        query: { locale, ...(kind ? { kind } : {}), ...cursor },
        signal,
      }),
  })
  const whoOf = ({ by }: Entry) => by?.name ?? t(`atlas.activity.by.${by?.kind ?? 'system'}`)
  return (
    <Page wide title={t('atlas.tab.activity')} about={t('atlas.activity.about')}>
      <Select
        aria-label={t('atlas.activity.kind')}
        placeholder={t('atlas.activity.all')}
        w={{ base: '100%', xs: 240 }}
        clearable
        data={kinds.map((one) => ({ value: one, label: t(`atlas.activity.${one}`) }))}
        value={kind}
        onChange={setKind}
      />
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconHistory} title={t('atlas.activity.none')}>
            {t('atlas.activity.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(entry) => entry.activityId}
            columns={[
              {
                title: t('atlas.activity.what'),
                cell: (entry) => (
                  <Stack gap={0}>
                    <Text className="wrap-anywhere">{entry.text}</Text>
                    <Text size="sm" c="dimmed" className="mono" visibleFrom="sm">
                      {entry.kind}
                    </Text>
                    <Text size="sm" c="dimmed" hiddenFrom="sm">
                      {whoOf(entry)} · {fullTime(entry.at)}
                    </Text>
                  </Stack>
                ),
              },
              {
                title: t('atlas.activity.who'),
                from: 'sm',
                cell: whoOf,
              },
              { title: t('audit.when'), from: 'sm', cell: (entry) => fullTime(entry.at) },
            ]}
          />
        )}
      </ListPanel>
    </Page>
  )
}
