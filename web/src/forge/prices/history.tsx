import { List, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.ts'
import { Section } from '../../parts/page.tsx'
import { Loaded } from '../../parts/states.tsx'
import { fullTime } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { type Book, booksKey } from './data.ts'
import { fieldWords } from './difference-list.tsx'

const SHOWN = 8

/** Who changed what in this version, newest first. */
export function History({ book }: { book: Book }) {
  const { t } = useTranslation()
  const history = useQuery({
    queryKey: [...booksKey, 'history', book.version, book.revision],
    queryFn: ({ signal }) => forge.mes.getBookHistory({ params: { version: book.version }, signal }),
  })
  return (
    <Section title={t('prices.history')}>
      <Loaded query={history}>
        {({ items }) => (
          <List spacing="sm" listStyleType="none">
            {items.map(({ at, by, change, paths }) => (
              <List.Item key={`${at} ${change}`}>
                <Stack gap={0}>
                  <Text fw={560}>{t(`prices.changes.${change}`)}</Text>
                  <Text size="sm" c="dimmed">
                    {fullTime(at)} · {by ? <Person userId={by} /> : t('prices.bySystem')}
                  </Text>
                  {paths.length > 0 && (
                    <Text size="sm" className="wrap-anywhere">
                      {placesOf(paths).slice(0, SHOWN).join(', ')}
                      {placesOf(paths).length > SHOWN && ' …'}
                    </Text>
                  )}
                </Stack>
              </List.Item>
            ))}
          </List>
        )}
      </Loaded>
    </Section>
  )
}

/** JSON pointers in words, each once: “Materials › Price”. */
function placesOf(pointers: readonly string[]): string[] {
  const words = pointers.map((pointer) =>
    pointer
      .split('/')
      .filter((step) => step !== '' && !/^\d+$/.test(step))
      .map(fieldWords)
      .join(' › '),
  )
  return [...new Set(words)]
}

/** The name of somebody, as soon as it is known. */
function Person({ userId }: { userId: string }) {
  const { t } = useTranslation()
  const person = useQuery({
    queryKey: ['users', 'one', userId],
    queryFn: ({ signal }) => api.users.getProfile({ params: { userId }, signal }),
    staleTime: 300_000,
    retry: false,
  })
  return person.data?.displayName ?? t('prices.somebody')
}
