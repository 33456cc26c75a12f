import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { Progress, SimpleGrid, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Section } from '../parts/page.tsx'
import { bucketsOf, type Counted, sumsBy } from './sign-in-series.ts'

/** Sign-ins over time, by method, and failures by reason; each also as text for those who do not see charts. */
export function SignInCharts({
  items,
  bucket,
  days,
}: {
  items: readonly Counted[]
  bucket: 'hour' | 'day'
  days: number
}) {
  const { t, i18n } = useTranslation()
  const label = new Intl.DateTimeFormat(
    i18n.language,
    bucket === 'day'
      ? { day: 'numeric', month: 'short', timeZone: 'UTC' }
      : { weekday: 'short', hour: 'numeric' },
  )
  const data = bucketsOf(items, bucket, days, new Date()).map(({ at, success, failure }) => ({
    at: label.format(new Date(at)),
    success,
    failure,
  }))
  const number = new Intl.NumberFormat(i18n.language)
  // Providers count as methods, too; they have names of their own.
  const methodOf = (name: string) => t(`atlas.overview.methods.${name as 'password'}`, { defaultValue: name })
  const reasonOf = (name: string) => t(`atlas.overview.reasons.${name as 'blocked'}`, { defaultValue: name })
  const names = { success: t('atlas.overview.success'), failure: t('atlas.overview.failure') }
  return (
    <>
      <Section title={t('atlas.overview.overTime')}>
        <BarChart
          h={260}
          data={data}
          dataKey="at"
          type="stacked"
          withLegend
          tickLine="none"
          // People are counted whole.
          yAxisProps={{ allowDecimals: false, width: 44 }}
          valueFormatter={(value) => number.format(value)}
          series={[
            { name: 'success', label: names.success, color: 'iris.5' },
            { name: 'failure', label: names.failure, color: 'red.4' },
          ]}
          aria-hidden
        />
        <VisuallyHidden>
          <table>
            <caption>{t('atlas.overview.overTime')}</caption>
            <tbody>
              {data
                .filter(({ success, failure }) => success + failure > 0)
                .map(({ at, success, failure }) => (
                  <tr key={at}>
                    <th scope="row">{at}</th>
                    <td>
                      {names.success}: {success}
                    </td>
                    <td>
                      {names.failure}: {failure}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </VisuallyHidden>
      </Section>
      <SimpleGrid cols={{ base: 1, md: 2, lg: 3 }}>
        <Section title={t('atlas.overview.byMethod')}>
          <Sums sums={sumsBy(items, 'success', 'method')} nameOf={methodOf} color="iris" />
        </Section>
        <Section title={t('atlas.overview.byMethodFailed')}>
          <Sums sums={sumsBy(items, 'failure', 'method')} nameOf={methodOf} color="red" />
        </Section>
        <Section title={t('atlas.overview.byReason')}>
          <Sums sums={sumsBy(items, 'failure', 'reason')} nameOf={reasonOf} color="red" />
        </Section>
      </SimpleGrid>
    </>
  )
}

function Sums({
  sums,
  nameOf,
  color,
}: {
  sums: readonly { name: string; count: number }[]
  nameOf: (name: string) => string
  color: string
}) {
  const { t } = useTranslation()
  const most = sums[0]?.count ?? 0
  if (sums.length === 0) return <Text c="dimmed">{t('atlas.overview.nothing')}</Text>
  return (
    <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {sums.map(({ name, count }) => {
        const text = nameOf(name)
        return (
          <li key={name}>
            <Text size="sm" mb={4}>
              {text} · {count}
            </Text>
            <Progress value={(count / most) * 100} color={color} size="sm" aria-label={text} />
          </li>
        )
      })}
    </Stack>
  )
}
