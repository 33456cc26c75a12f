import { Badge, Button, Group, Select, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCoins, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Loaded, Waiting } from '../../parts/states.tsx'
import { fullTime, When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { Only } from '../only.tsx'
import classes from './book.module.css'
import { aliveQuery, type BookInfo, booksKey, manage, stateColors, turnsOf } from './data.ts'
import { NewDraft } from './new-draft.tsx'

const states = Object.keys(stateColors) as BookInfo['state'][]

/** Every version of the price book, and which of them prices are made from. */
export function Books() {
  const { t } = useTranslation()
  return (
    <Only permission={manage} title={t('place.prices')} about={t('prices.forbidden')}>
      <Versions />
    </Only>
  )
}

function Versions() {
  const { t } = useTranslation()
  const [state, setState] = useState<string | null>(null)
  const [drafting, draft] = useDisclosure()
  const list = useList({
    queryKey: [...booksKey, 'list', state],
    load: (cursor, signal) =>
      forge.mes.listBooks({
        query: { ...cursor, limit: 25, ...(state ? { state: state as BookInfo['state'] } : {}) },
        signal,
      }),
  })
  return (
    <Page
      wide
      title={t('place.prices')}
      about={t('prices.about')}
      actions={
        <Button leftSection={<IconPlus size={18} />} onClick={draft.open}>
          {t('prices.draft')}
        </Button>
      }
    >
      <Turns />
      <Select
        aria-label={t('prices.filter')}
        placeholder={t('prices.any')}
        w={{ base: '100%', xs: 240 }}
        clearable
        clearButtonProps={{ 'aria-label': t('state.clearFilters') }}
        data={states.map((value) => ({ value, label: t(`prices.states.${value}`) }))}
        value={state}
        onChange={setState}
      />
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconCoins} title={t('prices.none')}>
            {t('prices.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(book) => String(book.version)}
            link={(book, props) => (
              <Link to="/forge/prices/$version" params={{ version: String(book.version) }} {...props} />
            )}
            columns={[
              {
                title: t('prices.version'),
                cell: (book) => (
                  <Stack gap={2}>
                    <Text fw={600} component="span">
                      {t('prices.named', { version: book.version })}
                    </Text>
                    {book.note && (
                      <Text size="sm" c="dimmed" component="span" className="wrap-anywhere" lineClamp={2}>
                        {book.note}
                      </Text>
                    )}
                  </Stack>
                ),
              },
              { title: t('prices.state'), cell: (book) => <BookState book={book} /> },
              { title: t('prices.validity'), from: 'sm', cell: (book) => <LastPeriod book={book} /> },
              { title: t('prices.created'), from: 'md', cell: (book) => <When time={book.createdAt} /> },
            ]}
          />
        )}
      </ListPanel>
      <NewDraft opened={drafting} onClose={draft.close} />
    </Page>
  )
}

/** The state of a version in one word or two. */
export function BookState({ book }: { book: BookInfo }) {
  const { t } = useTranslation()
  if (book.inForce) return <Badge color="green">{t('prices.inForce')}</Badge>
  if (book.state === 'published') return <Badge color="iris">{t('prices.planned')}</Badge>
  return <Badge color={stateColors[book.state]}>{t(`prices.states.${book.state}`)}</Badge>
}

function LastPeriod({ book }: { book: BookInfo }) {
  const { t } = useTranslation()
  const last = book.periods.at(-1)
  if (!last) return t('prices.never')
  return t(last.until ? 'prices.fromUntil' : 'prices.from', {
    from: fullTime(last.from),
    until: last.until ? fullTime(last.until) : '',
  })
}

/** The way of prices through time: now, and what was published for later. */
function Turns() {
  const { t } = useTranslation()
  const alive = useQuery(aliveQuery)
  return (
    <Section title={t('prices.turns')} about={t('prices.turnsAbout')}>
      <Loaded query={alive} waiting={<Waiting rows={1} height={52} />}>
        {({ items }) => {
          const now = new Date()
          return (
            <ol className={classes.turns}>
              {turnsOf(items, now).map(({ info, from, until }) => {
                const current = new Date(from) <= now
                return (
                  <li key={from} className={classes.turn} data-current={current || undefined}>
                    <Group gap="xs">
                      <Link
                        to="/forge/prices/$version"
                        params={{ version: String(info.version) }}
                        className={classes.turnName!}
                      >
                        {t('prices.named', { version: info.version })}
                      </Link>
                      <Badge color={current ? 'green' : 'iris'}>
                        {t(current ? 'prices.inForce' : 'prices.planned')}
                      </Badge>
                    </Group>
                    <Text size="sm" c="dimmed">
                      {t(until ? 'prices.fromUntil' : 'prices.from', {
                        from: fullTime(from),
                        until: until ? fullTime(until) : '',
                      })}
                    </Text>
                  </li>
                )
              })}
            </ol>
          )
        }}
      </Loaded>
    </Section>
  )
}
