import { Badge, Group, Loader, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useInterval, useMoney } from '../words.ts'
import type { CartLine } from './data.ts'
import { useReason } from './reason.ts'

type Priced = Pick<CartLine, 'total' | 'unitPrice' | 'quantity' | 'priceState' | 'estimate' | 'problem'>

/** A line's price, or how it stands with it. */
export function LinePrice({ line, currency }: { line: Priced; currency: string }) {
  const { t } = useTranslation()
  const money = useMoney()
  const interval = useInterval()
  const reason = useReason()
  if (line.total !== undefined)
    return (
      <Stack gap={0} align="flex-end">
        <Text fw={600} className="numbers">
          {money(line.total, currency)}
        </Text>
        {line.quantity > 1 && line.unitPrice !== undefined && (
          <Text size="xs" c="dimmed" className="numbers">
            {t('shop.each', { price: money(line.unitPrice, currency) })}
          </Text>
        )}
      </Stack>
    )
  return (
    <Stack gap={4} align="flex-end">
      {line.estimate && line.priceState !== 'refused' && (
        <Text size="sm" className="numbers">
          {interval(line.estimate, currency)}
        </Text>
      )}
      <Group gap={6} wrap="nowrap">
        {line.priceState === 'asked' && <Loader size={14} aria-hidden />}
        <Badge
          color={line.priceState === 'refused' ? 'red' : line.priceState === 'delayed' ? 'yellow' : 'gray'}
        >
          {t(`shop.priceState.${line.priceState}`)}
        </Badge>
      </Group>
      {line.problem && (
        <Text size="xs" c="dimmed" maw={240}>
          {reason(line.problem)}
        </Text>
      )}
    </Stack>
  )
}
