import { Alert, Badge, Group, Loader, Stack, Table, Text } from '@mantine/core'
import type { Estimate } from '@pleiad/workshop/print/estimate'
import { IconAlertTriangle, IconUserCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { fullTime } from '../../parts/time.tsx'
import type { CartLine, PrintOptions } from '../shop/data.ts'
import { useReason } from '../shop/reason.ts'
import { duration, number, useInterval, useMoney } from '../words.ts'
import type { PriceJob } from './data.ts'
import classes from './model.module.css'

interface Binding {
  readonly total: number
  readonly unitPrice: number
  readonly currency: string
  readonly validUntil: string | undefined
  readonly breakdown: readonly { readonly code: string; readonly amount: number }[]
}

function bindingOf(
  line: CartLine | undefined,
  job: PriceJob | undefined,
  currency: string | undefined,
): Binding | undefined {
  if (line?.priceState === 'calculated' && line.total !== undefined && currency)
    return {
      total: line.total,
      unitPrice: line.unitPrice ?? 0,
      currency,
      validUntil: line.priceValidUntil,
      breakdown: line.breakdown ?? [],
    }
  return job?.state === 'priced' && job.price ? job.price : undefined
}

/** The estimate as an interval, until the binding price takes its place; and what became of the price where there is none. */
export function PriceBox({
  estimate,
  estimating,
  job,
  line,
  options,
}: {
  estimate: Estimate | undefined
  estimating: boolean
  job: PriceJob | undefined
  line: CartLine | undefined
  options: PrintOptions
}) {
  const { t } = useTranslation()
  const money = useMoney()
  const interval = useInterval()
  const reason = useReason()
  const known = estimate?.ok ? estimate : undefined
  const binding = bindingOf(line, job, known?.currency ?? job?.price?.currency)
  const problem =
    (estimate && !estimate.ok && { code: estimate.problem.code, detail: '' }) ||
    (line?.priceState === 'refused' && line.problem) ||
    (job?.state === 'refused' && job.reason)
  if (binding)
    return (
      <Stack gap="xs" role="status">
        <Group gap="sm" align="baseline">
          <Text className={`${classes.price} numbers`}>{money(binding.total, binding.currency)}</Text>
          <Badge color="green">{t('editor.price.binding')}</Badge>
        </Group>
        {options.quantity > 1 && (
          <Text size="sm" c="dimmed">
            {t('editor.price.each', { price: money(binding.unitPrice, binding.currency) })}
          </Text>
        )}
        {known &&
          (binding.total < Math.floor(known.total.low) || binding.total > Math.ceil(known.total.high)) && (
            <Alert color="yellow" icon={<IconAlertTriangle size={18} />}>
              {t('editor.price.outside', {
                low: money(known.total.low, known.currency),
                high: money(known.total.high, known.currency),
              })}
            </Alert>
          )}
        <Table verticalSpacing={4} horizontalSpacing={0} fz="sm">
          <Table.Tbody>
            {binding.breakdown.map(({ code, amount }) => (
              <Table.Tr key={code}>
                <Table.Th scope="row" fw={400} c="dimmed">
                  {t(`shop.breakdown.${code}` as 'shop.breakdown.material', { defaultValue: code })}
                </Table.Th>
                <Table.Td ta="right">{money(amount, binding.currency)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {binding.validUntil && (
          <Text size="sm" c="dimmed">
            {t('editor.price.until', { time: fullTime(binding.validUntil) })}
          </Text>
        )}
      </Stack>
    )
  return (
    <Stack gap="xs" role="status">
      {problem ? (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('editor.price.none')}>
          {reason(problem)}
        </Alert>
      ) : known ? (
        <>
          <Group gap="sm" align="baseline">
            <Text className={`${classes.price} numbers`}>{interval(known.total, known.currency)}</Text>
            <Badge color="gray">{t('editor.price.estimate')}</Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {t('editor.price.work', {
              grams: number(known.materialG.likely),
              time: duration(known.machineSeconds.likely),
            })}
          </Text>
        </>
      ) : estimating ? (
        <Group gap="sm">
          <Loader size="sm" aria-hidden />
          <Text size="sm">{t('editor.price.estimating')}</Text>
        </Group>
      ) : (
        <Text size="sm">{t('editor.price.noEstimate')}</Text>
      )}
      <Coming job={job} line={line} />
    </Stack>
  )
}

/** What is known of the binding price while it is not there. */
function Coming({ job, line }: { job: PriceJob | undefined; line: CartLine | undefined }) {
  const { t } = useTranslation()
  const reason = useReason()
  const problem = line?.priceState === 'delayed' ? line.problem : job?.reason
  if (line?.priceState === 'delayed' || job?.state === 'waitingForHuman')
    return (
      <Alert color="yellow" icon={<IconUserCheck size={18} />} title={t('editor.price.human')}>
        {problem && reason(problem)}
      </Alert>
    )
  const waits = line?.priceState === 'asked' || job?.state === 'queued' || job?.state === 'working'
  if (!waits)
    return (
      <Text size="sm" c="dimmed">
        {t('editor.price.binds')}
      </Text>
    )
  return (
    <Group gap="sm" wrap="nowrap">
      <Loader size="xs" aria-hidden />
      <Text size="sm">
        {t('editor.price.coming')}{' '}
        {job?.state === 'queued' && job.ahead !== undefined && t('editor.price.ahead', { count: job.ahead })}{' '}
        {job?.state === 'queued' &&
          job.expectedWaitSeconds !== undefined &&
          job.expectedWaitSeconds > 60 &&
          t('editor.price.wait', { time: duration(job.expectedWaitSeconds) })}
      </Text>
    </Group>
  )
}
