import { Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { Section } from '../../parts/page.tsx'
import { useRuns } from '../../services.ts'
import { forge } from '../api.ts'
import { modelKey } from '../editor/data.ts'
import classes from '../shop/cart.module.css'
import { useOptionsWords } from '../shop/options-words.ts'
import { Picture } from '../shop/picture.tsx'
import { duration, number, useMoney } from '../words.ts'
import type { Seen, SeenLine } from './data.ts'
import own from './office.module.css'

/** What is made and what is sent along, with what each costs and why. */
export function OrderLines({ seen }: { seen: Seen }) {
  const { t } = useTranslation()
  const money = useMoney()
  return (
    <Section title={t('orders.content')}>
      <ul className={classes.lines}>
        {seen.lines.map((line) => (
          <Line key={line.lineId} line={line} currency={seen.currency} />
        ))}
      </ul>
      <Stack gap={6}>
        {seen.delivery && (
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {t(`shop.delivery.${seen.delivery.method}`)}
            </Text>
            <Text size="sm" className="numbers">
              {money(seen.delivery.price, seen.currency)}
            </Text>
          </Group>
        )}
        <Group justify="space-between" align="baseline">
          <Text fw={600}>{t('orders.total')}</Text>
          <Text className={`${classes.total} numbers`}>
            {seen.total === undefined ? t('orders.notYet') : money(seen.total, seen.currency)}
          </Text>
        </Group>
      </Stack>
    </Section>
  )
}

function Line({ line, currency }: { line: SeenLine; currency: string }) {
  const { t } = useTranslation()
  const money = useMoney()
  const optionsWords = useOptionsWords()
  const may = useMay()
  const runs = useRuns()
  const looks = may('models:read') && runs('editor')
  const name = `${line.quantity} × ${line.name}`
  return (
    <li className={classes.line} style={{ paddingInline: 0, alignItems: 'flex-start' }}>
      {line.modelId && looks ? (
        <ModelPicture modelId={line.modelId} />
      ) : (
        <Picture fileId={undefined} size={64} />
      )}
      <Stack gap={2} flex="1 1 200px" miw={0}>
        {line.modelId && looks ? (
          <Link to="/forge/models/$modelId" params={{ modelId: line.modelId }} className={classes.name!}>
            {name}
          </Link>
        ) : (
          <Text fw={600} className="wrap-anywhere">
            {name}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {line.options
            ? optionsWords(line.options)
            : [t('shop.cart.readyMade'), line.sku].filter(Boolean).join(' · ')}
        </Text>
        {line.machineSeconds !== undefined && line.materialG !== undefined && (
          <Text size="sm" c="dimmed">
            {t('office.order.work', { grams: number(line.materialG), time: duration(line.machineSeconds) })}
          </Text>
        )}
        {line.breakdown && line.breakdown.length > 0 && (
          <details className={own.details}>
            <summary>{t('office.order.breakdown')}</summary>
            <Table verticalSpacing={4} horizontalSpacing={0} fz="sm" maw={340} mt={4}>
              <Table.Tbody>
                {line.breakdown.map(({ code, amount }) => (
                  <Table.Tr key={code}>
                    <Table.Th scope="row" fw={400} c="dimmed">
                      {t(`shop.breakdown.${code}` as 'shop.breakdown.material', { defaultValue: code })}
                    </Table.Th>
                    <Table.Td ta="right">{money(amount, currency)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </details>
        )}
      </Stack>
      {line.total !== undefined && (
        <Stack gap={0} align="flex-end" ml="auto">
          <Text fw={600} className="numbers">
            {money(line.total, currency)}
          </Text>
          {line.quantity > 1 && line.unitPrice !== undefined && (
            <Text size="xs" c="dimmed" className="numbers">
              {t('shop.each', { price: money(line.unitPrice, currency) })}
            </Text>
          )}
        </Stack>
      )}
    </li>
  )
}

function ModelPicture({ modelId }: { modelId: string }) {
  const model = useQuery({
    queryKey: modelKey(modelId),
    queryFn: ({ signal }) => forge.editor.getModel({ params: { modelId }, signal }),
    staleTime: 60_000,
    // A model that went with its time has no picture; the order tells the rest.
    retry: false,
  })
  return <Picture fileId={model.data?.latest.thumbnailFileId} size={64} />
}
