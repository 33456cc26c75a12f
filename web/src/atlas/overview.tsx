import { Anchor, Button, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Page, Section } from '../parts/page.tsx'
import { Empty, Loaded, Waiting } from '../parts/states.tsx'
import { atlas } from './api.ts'
import { usePlace, useProject } from './project.ts'
import { SignInCharts } from './sign-in-charts.tsx'
import { tabsOf } from './tabs.ts'

const DAY_MS = 86_400_000
const spans = { day: 1, week: 7, month: 30 } as const
type Span = keyof typeof spans

/** How the environment is doing: sign-ins over time, people, and what the project has of what is limited. */
export function Overview() {
  const { t } = useTranslation()
  const place = usePlace()
  const [span, setSpan] = useState<Span>('month')
  const bucket = span === 'month' ? 'day' : 'hour'
  const statistics = useQuery({
    queryKey: ['oidc', 'statistics', place, span],
    queryFn: ({ signal }) =>
      atlas.oidc.getSignInStatistics({
        params: place,
        query: { bucket, from: new Date(Date.now() - spans[span] * DAY_MS).toISOString() },
        signal,
      }),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
  return (
    <Page
      wide
      title={t('atlas.tab.overview')}
      about={t('atlas.overview.about')}
      actions={
        <SegmentedControl
          aria-label={t('atlas.overview.span')}
          data={(Object.keys(spans) as Span[]).map((one) => ({
            value: one,
            label: t(`atlas.overview.spans.${one}`),
          }))}
          value={span}
          onChange={(value) => setSpan(value as Span)}
        />
      }
    >
      <Loaded query={statistics}>
        {({ items, totals }) => (
          <>
            <SimpleGrid cols={{ base: 2, md: 4 }}>
              <Figure name={t('atlas.overview.success')}>{totals.success}</Figure>
              <Figure name={t('atlas.overview.failure')}>{totals.failure}</Figure>
              <Figure name={t('atlas.overview.endUsers')}>{totals.endUsers}</Figure>
              <Figure name={t('atlas.overview.newEndUsers')}>{totals.newEndUsers}</Figure>
            </SimpleGrid>
            {items.length > 0 ? (
              <SignInCharts items={items} bucket={bucket} days={spans[span]} />
            ) : (
              <Nothing ever={totals.endUsers === 0} />
            )}
          </>
        )}
      </Loaded>
      <Usage />
    </Page>
  )
}

/** `ever`: there is nobody who could have signed in. */
function Nothing({ ever }: { ever: boolean }) {
  const { t } = useTranslation()
  const { slug } = useProject()
  return (
    <Section>
      <Empty
        icon={IconChartBar}
        title={t(ever ? 'atlas.overview.none' : 'atlas.overview.noneNow')}
        action={
          ever && (
            <Button
              renderRoot={(props) => (
                <Link to="/atlas/$slug/quick-start" params={{ slug }} search={(old) => old} {...props} />
              )}
            >
              {t('atlas.tab.quickStart')}
            </Button>
          )
        }
      >
        {t(ever ? 'atlas.overview.noneAbout' : 'atlas.overview.noneNowAbout')}
      </Empty>
    </Section>
  )
}

function Figure({ name, children }: { name: string; children: number }) {
  const { i18n } = useTranslation()
  return (
    <Stack className="panel" p="md" gap={2}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text fz="1.75rem" fw={640} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {new Intl.NumberFormat(i18n.language).format(children)}
      </Text>
    </Stack>
  )
}

function Usage() {
  const { t, i18n } = useTranslation()
  const { projectId, slug, role } = useProject()
  const usage = useQuery({
    queryKey: ['projects', 'usage', projectId],
    queryFn: ({ signal }) => atlas.projects.getUsage({ params: { projectId }, signal }),
  })
  const number = new Intl.NumberFormat(i18n.language)
  const seen = tabsOf(role)
  return (
    <Section title={t('atlas.overview.usage')}>
      <Loaded query={usage} waiting={<Waiting rows={3} height={24} />}>
        {(data) => (
          <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
            {(['members', 'environments', 'keys'] as const).map((name) => {
              const { used, limit } = data[name]
              const tab = seen.find((one) => one.name === name)
              const words = t(`atlas.overview.limits.${name}`)
              return (
                <Group component="li" key={name} justify="space-between" wrap="nowrap">
                  {tab ? (
                    <Anchor renderRoot={(props) => <Link to={tab.to} params={{ slug }} {...props} />}>
                      {words}
                    </Anchor>
                  ) : (
                    <Text>{words}</Text>
                  )}
                  <Text c="dimmed" className="numbers" style={{ whiteSpace: 'nowrap' }}>
                    {limit > 0
                      ? t('atlas.overview.of', { used: number.format(used), limit: number.format(limit) })
                      : number.format(used)}
                  </Text>
                </Group>
              )
            })}
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}
