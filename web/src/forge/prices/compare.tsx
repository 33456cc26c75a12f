import { Badge, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/page.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { named, number, useMoney } from '../words.ts'
import classes from './book.module.css'
import { type Book, booksKey, type PreviewLine } from './data.ts'
import { DifferenceList } from './difference-list.tsx'

/** What this version would change: prices of example parts now and then, and every place that differs. */
export function Compare({ book }: { book: Book }) {
  const { t } = useTranslation()
  const preview = useQuery({
    queryKey: [...booksKey, 'preview', book.version, book.revision],
    queryFn: ({ signal }) => forge.mes.previewBook({ params: { version: book.version }, signal }),
  })
  return (
    <Stack gap="lg">
      <Section title={t('prices.examples')} about={t('prices.examplesAbout')}>
        <Loaded query={preview}>
          {({ items, currency }) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
            <section className={classes.scroll} tabIndex={0} aria-label={t('prices.examples')}>
              <Table horizontalSpacing={8}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('prices.part')}</Table.Th>
                    <Table.Th className={classes.number!}>{t('prices.now')}</Table.Th>
                    <Table.Th className={classes.number!}>{t('prices.next')}</Table.Th>
                    <Table.Th className={classes.number!}>{t('prices.change')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {[...byMaterial(items)].map(([material, lines]) => (
                    <Fragment key={material}>
                      <Table.Tr>
                        <Table.Th colSpan={4} scope="rowgroup">
                          {nameOf(book, material)}
                        </Table.Th>
                      </Table.Tr>
                      {lines.map((line) => (
                        <Line key={line.sample} line={line} currency={currency} />
                      ))}
                    </Fragment>
                  ))}
                </Table.Tbody>
              </Table>
            </section>
          )}
        </Loaded>
      </Section>
      <DifferenceList book={book} />
    </Stack>
  )
}

function byMaterial(lines: readonly PreviewLine[]): Map<string, PreviewLine[]> {
  return Map.groupBy(lines, ({ options }) => options.material)
}

function nameOf({ book }: Book, id: string): string {
  const material = book.materials.find((one) => one.id === id)
  return material ? named(material.names) : id
}

function Line({ line, currency }: { line: PreviewLine; currency: string }) {
  const { t } = useTranslation()
  const money = useMoney()
  const total = (amount: number | undefined) =>
    amount === undefined ? t('prices.noPrice') : money(amount, currency)
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm">
          {line.options.quantity} × {t(`prices.sample.${line.sample as 'clip'}`)}
        </Text>
      </Table.Td>
      <Table.Td className={classes.number!}>{total(line.before)}</Table.Td>
      <Table.Td className={classes.number!}>{total(line.after)}</Table.Td>
      <Table.Td className={classes.number!}>
        <Change percent={line.changePercent} />
      </Table.Td>
    </Table.Tr>
  )
}

function Change({ percent }: { percent: number | undefined }) {
  if (percent === undefined) return '—'
  if (percent === 0) return <Badge color="gray">0 %</Badge>
  return (
    <Badge color={percent > 0 ? 'red' : 'green'}>
      {percent > 0 ? '+' : '−'}
      {number(Math.abs(percent))} %
    </Badge>
  )
}
