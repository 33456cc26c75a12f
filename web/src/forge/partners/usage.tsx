import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { Progress, SimpleGrid, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/page.tsx'
import { Loaded } from '../../parts/states.tsx'
import { number } from '../words.ts'
import { type Place, type Usage, usageQuery } from './data.ts'
import { lastDays } from './days.ts'

const limits = { requests: 'requestsPerMinute', quotes: 'quotesPerDay', orders: 'ordersPerDay' } as const
const FULL = 0.8

/** What the project has used of its rate plan, and the calls of the last thirty days. */
export function UsagePage({ place }: { place: Place }) {
  const usage = useQuery(usageQuery(place))
  return (
    <Loaded query={usage}>
      {(data) => (
        <Stack gap="lg">
          <PlanUse usage={data} />
          <Calls usage={data} environment={place.environment} />
        </Stack>
      )}
    </Loaded>
  )
}

function PlanUse({ usage: { plan, spent } }: { usage: Usage }) {
  const { t } = useTranslation()
  return (
    <Section title={t('partners.plan', { name: plan.name })} about={t('partners.planAbout')}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
        {(['requests', 'quotes', 'orders'] as const).map((kind) => {
          const most = plan.limits[limits[kind]]
          const share = spent[kind] / most
          return (
            <Stack key={kind} gap={6}>
              <Text size="sm" c="dimmed">
                {t(`partners.spent.${kind}`)}
              </Text>
              <Text fw={600} className="numbers">
                {t('partners.of', { used: number(spent[kind]), most: number(most) })}
              </Text>
              <Progress
                value={Math.min(100, share * 100)}
                color={share >= 1 ? 'red' : share >= FULL ? 'yellow' : 'iris'}
                aria-label={t(`partners.spent.${kind}`)}
              />
              {share >= 1 && (
                <Text size="sm" c="red">
                  {t('partners.usedUp')}
                </Text>
              )}
            </Stack>
          )
        })}
      </SimpleGrid>
    </Section>
  )
}

function Calls({ usage, environment }: { usage: Usage; environment: string }) {
  const { t, i18n } = useTranslation()
  const label = new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const days = lastDays(usage.days, new Date()).map(({ day, calls, failed, quotes, orders }) => ({
    day: label.format(new Date(day)),
    ok: calls - failed,
    failed,
    quotes,
    orders,
  }))
  const names = { ok: t('partners.ok'), failed: t('partners.failed') }
  return (
    <Section title={t('partners.calls')} about={t('partners.callsAbout', { environment })}>
      <BarChart
        h={260}
        data={days}
        dataKey="day"
        type="stacked"
        withLegend
        tickLine="none"
        yAxisProps={{ allowDecimals: false, width: 44 }}
        valueFormatter={(value) => number(value)}
        series={[
          { name: 'ok', label: names.ok, color: 'iris.5' },
          { name: 'failed', label: names.failed, color: 'red.4' },
        ]}
        accessibilityLayer={false}
        aria-hidden
      />
      <VisuallyHidden>
        <table>
          <caption>{t('partners.calls')}</caption>
          <tbody>
            {days
              .filter(({ ok, failed }) => ok + failed > 0)
              .map((day) => (
                <tr key={day.day}>
                  <th scope="row">{day.day}</th>
                  <td>
                    {names.ok}: {day.ok}
                  </td>
                  <td>
                    {names.failed}: {day.failed}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
      {usage.days.length === 0 && (
        <Text c="dimmed" ta="center" mt="sm">
          {t('partners.noCalls')}
        </Text>
      )}
    </Section>
  )
}
