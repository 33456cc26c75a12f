import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { Progress, SegmentedControl, SimpleGrid, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Page, Section } from '../../parts/page.tsx'
import { Loaded, Waiting } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { duration } from '../words.ts'
import { productionKey } from './data.ts'
import { Needs } from './production.tsx'

type Figures = Awaited<ReturnType<typeof forge.operators.getFigures>>
const periods = [7, 30, 90] as const
const DAY_MS = 86_400_000

/** How much was made, and how much machines and people were used. */
export function FiguresPage() {
  return (
    <Needs permission="production:assign">
      <Content />
    </Needs>
  )
}

function Content() {
  const { t } = useTranslation()
  const [days, setDays] = useState<number>(7)
  const figures = useQuery({
    queryKey: [...productionKey, 'figures', days],
    queryFn: ({ signal }) => {
      const until = new Date()
      const from = new Date(Math.floor(until.getTime() / DAY_MS) * DAY_MS - (days - 1) * DAY_MS)
      return forge.operators.getFigures({
        query: { from: from.toISOString(), until: until.toISOString() },
        signal,
      })
    },
    placeholderData: (before) => before,
  })
  return (
    <Page wide title={t('production.figures.title')} about={t('production.figures.about')}>
      <SegmentedControl
        aria-label={t('production.figures.period')}
        w={{ base: '100%', xs: 'fit-content' }}
        value={String(days)}
        onChange={(value) => setDays(Number(value))}
        data={periods.map((count) => ({
          value: String(count),
          label: t('production.figures.days', { count }),
        }))}
      />
      <Loaded query={figures} waiting={<Waiting rows={3} height={120} />}>
        {(data) => (
          <>
            <Throughput days={data.days} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Section title={t('production.figures.machines')} about={t('production.figures.machinesAbout')}>
                <Used items={data.machines} color="iris" />
              </Section>
              <Section
                title={t('production.figures.operators')}
                about={t('production.figures.operatorsAbout')}
              >
                <Used items={data.operators} color="green" />
              </Section>
            </SimpleGrid>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Throughput({ days }: { days: Figures['days'] }) {
  const { t, i18n } = useTranslation()
  const label = new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const number = new Intl.NumberFormat(i18n.language)
  const data = days.map(({ day, ...counts }) => ({ at: label.format(new Date(day)), ...counts }))
  const series = [
    { name: 'finished', label: t('production.figures.finished'), color: 'iris.5' },
    { name: 'scrapped', label: t('production.figures.scrapped'), color: 'red.4' },
    { name: 'delivered', label: t('production.figures.delivered'), color: 'green.5' },
  ] as const
  const sums = series.map(({ name, label: words }) => ({
    words,
    sum: days.reduce((sum, day) => sum + day[name], 0),
  }))
  return (
    <Section
      title={t('production.figures.throughput')}
      about={sums.map(({ words, sum }) => `${words}: ${number.format(sum)}`).join(' · ')}
    >
      <BarChart
        h={260}
        data={data}
        dataKey="at"
        withLegend
        tickLine="none"
        // Pieces are counted whole.
        yAxisProps={{ allowDecimals: false, width: 44 }}
        valueFormatter={(value) => number.format(value)}
        series={[...series]}
        // The table below is for those who do not see it; so nothing in here takes the focus.
        barChartProps={{ accessibilityLayer: false }}
        aria-hidden
      />
      <VisuallyHidden>
        <table>
          <caption>{t('production.figures.throughput')}</caption>
          <tbody>
            {data
              .filter(({ finished, scrapped, delivered }) => finished + scrapped + delivered > 0)
              .map((day) => (
                <tr key={day.at}>
                  <th scope="row">{day.at}</th>
                  {series.map(({ name, label: words }) => (
                    <td key={name}>
                      {words}: {day[name]}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </Section>
  )
}

function Used({ items, color }: { items: Figures['machines']; color: string }) {
  const { t, i18n } = useTranslation()
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  if (items.length === 0) return <Text c="dimmed">{t('production.figures.none')}</Text>
  return (
    <Stack gap="md" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {items.map(({ id, name, share, workedSeconds, finished, scrapped }) => (
        <li key={id}>
          <Text fw={560} className="wrap-anywhere">
            {name || t('production.people.nameless')} · {percent.format(share)}
          </Text>
          <Progress
            my={4}
            size="sm"
            color={color}
            value={Math.min(100, share * 100)}
            aria-label={t('production.figures.shareOf', { name })}
          />
          <Text size="sm" c="dimmed">
            {workedSeconds > 0 ? duration(workedSeconds) : t('production.figures.notUsed')}
            {' · '}
            {t('production.figures.pieces', { count: finished })}
            {scrapped > 0 && ` · ${t('production.scrapped', { count: scrapped })}`}
          </Text>
        </li>
      ))}
    </Stack>
  )
}
