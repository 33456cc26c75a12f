import { Group, List, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/page.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { money, named, number } from '../words.ts'
import { type Book, booksKey } from './data.ts'
import { type Difference, differencesOf, type Step } from './differences.ts'

const SHOWN = 100
const amounts = new Set(['machinePerHour', 'setup', 'minPrice', 'amount', 'fixed', 'perCm2', 'roundTo'])

/** Every place in which a version differs from the one in force. */
export function DifferenceList({ book }: { book: Book }) {
  const { t } = useTranslation()
  const inForce = useQuery({
    queryKey: [...booksKey, 'inForce'],
    queryFn: ({ signal }) => forge.mes.getBookInForce({ signal }),
  })
  return (
    <Section title={t('prices.differences')}>
      <Loaded query={inForce}>
        {(current) => {
          const found = differencesOf(current.book, book.book)
          if (found.length === 0) return <Text c="dimmed">{t('prices.same')}</Text>
          return (
            <Stack gap="sm">
              <List spacing={6} listStyleType="none">
                {found.slice(0, SHOWN).map((difference) => (
                  <List.Item key={JSON.stringify(difference.steps)}>
                    <Group gap={8} align="baseline">
                      <Text span fw={560}>
                        {difference.steps.map(stepWords).join(' › ')}
                      </Text>
                      <Text span size="sm" c="dimmed" className="wrap-anywhere">
                        {changeWords(difference, book.book.currency)}
                      </Text>
                    </Group>
                  </List.Item>
                ))}
              </List>
              {found.length > SHOWN && (
                <Text c="dimmed">{t('prices.moreDifferences', { count: found.length - SHOWN })}</Text>
              )}
            </Stack>
          )
        }}
      </Loaded>
    </Section>
  )
}

/** A field of the book in words; what has none is named as it is. */
export function fieldWords(field: string): string {
  const key = `prices.key.${field}`
  return i18next.exists(key) ? i18next.t(key as 'prices.key.price') : field
}

function stepWords(step: Step): string {
  if ('field' in step) return fieldWords(step.field)
  if ('number' in step) return i18next.t('prices.nth', { number: step.number })
  return (step.names && named(step.names)) || step.id
}

function changeWords({ steps, before, after }: Difference, currency: string): string {
  if (before === undefined) return i18next.t('prices.added')
  if (after === undefined) return i18next.t('prices.removed')
  const last = steps.at(-1)
  const field = last && 'field' in last ? last.field : ''
  const words = (value: unknown) => valueWords(value, amounts.has(field) ? currency : undefined)
  return i18next.t('prices.fromTo', { before: words(before), after: words(after) })
}

function valueWords(value: unknown, currency: string | undefined): string {
  if (typeof value === 'number') return currency ? money(value, currency) : number(value, 4)
  if (typeof value === 'boolean') return i18next.t(value ? 'prices.yes' : 'prices.no')
  if (Array.isArray(value)) return value.map((one) => valueWords(one, undefined)).join('; ')
  return String(value)
}
