import { Alert, Box, Button, SegmentedControl, Switch, Text, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconDeviceTv, IconInfoCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { Failed, Loaded, Waiting } from '../../parts/states.tsx'
import classes from './board.module.css'
import { type Card, type ColumnName, cardsOf, columns, type Group } from './columns.ts'
import { boardQuery, meQuery, useLooks, useProductionLive, useViewer } from './data.ts'
import { OrderCard } from './order-card.tsx'
import { OrderPanel } from './order-panel.tsx'
import { WorkCard } from './work-card.tsx'

/** Everything that is in production, live; on a phone one column at a time. */
export function BoardPage() {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) ?? false
  const { operator, assigns } = useViewer()
  const me = useQuery(meQuery)
  const [mine, setMine] = useState(phone)
  const [column, setColumn] = useState<ColumnName>('free')
  const [shown, setShown] = useState<string>()
  useProductionLive()
  const board = useQuery({ ...boardQuery, refetchInterval: useLooks() })
  return (
    <Page
      wide
      title={t('production.board.title')}
      about={t('production.board.about')}
      actions={
        <>
          {assigns && operator && (
            <Switch
              label={t('production.board.mine')}
              checked={mine}
              onChange={({ currentTarget }) => setMine(currentTarget.checked)}
            />
          )}
          <Button
            variant="default"
            visibleFrom="sm"
            leftSection={<IconDeviceTv size={17} />}
            renderRoot={(props) => <Link to="/forge/production/wall" {...props} />}
          >
            {t('production.wall.open')}
          </Button>
        </>
      }
    >
      {me.data && !operator?.active && (
        <Alert icon={<IconInfoCircle size={20} />} title={t('production.board.notOperator')}>
          {t(assigns ? 'production.board.notOperatorAssigns' : 'production.board.notOperatorAbout')}
        </Alert>
      )}
      {board.isError && board.data && <Failed error={board.error} retry={() => void board.refetch()} />}
      <Loaded query={board} waiting={<Waiting rows={4} height={120} />}>
        {(data) => {
          const cards = cardsOf(data, operator?.operatorId, mine && operator !== undefined)
          const count = (name: ColumnName) =>
            columns
              .find((one) => one.name === name)!
              .groups.reduce((sum, group) => sum + cards[group].length, 0)
          return (
            <>
              {phone && (
                <SegmentedControl
                  fullWidth
                  size="md"
                  aria-label={t('production.board.column')}
                  value={column}
                  onChange={(value) => setColumn(value as ColumnName)}
                  classNames={{ label: classes.segment! }}
                  data={columns.map(({ name }) => ({
                    value: name,
                    label: (
                      <>
                        {t(`production.short.${name}`)}
                        <span className={classes.segmentCount}>{count(name)}</span>
                      </>
                    ),
                  }))}
                />
              )}
              <div className={classes.board}>
                {columns
                  .filter(({ name }) => !phone || name === column)
                  .map(({ name, groups }) => (
                    <Column
                      key={name}
                      name={name}
                      groups={groups}
                      cards={cards}
                      count={count(name)}
                      onOpen={setShown}
                      onMove={setColumn}
                    />
                  ))}
              </div>
            </>
          )
        }}
      </Loaded>
      <OrderPanel orderId={shown} onClose={() => setShown(undefined)} />
    </Page>
  )
}

function Column({
  name,
  groups,
  cards,
  count,
  onOpen,
  onMove,
}: {
  name: ColumnName
  groups: readonly Group[]
  cards: Readonly<Record<Group, readonly Card[]>>
  count: number
  onOpen: (orderId: string) => void
  onMove: (column: ColumnName) => void
}) {
  const { t } = useTranslation()
  return (
    <section className={classes.column} aria-labelledby={`column-${name}`} data-column={name}>
      <Title order={2} id={`column-${name}`} className={classes.columnTitle}>
        {t(`production.column.${name}`)}
        <span className={classes.count}>{count}</span>
      </Title>
      {count === 0 && (
        <Text size="sm" c="dimmed" py="xs">
          {t(`production.none.${name}`)}
        </Text>
      )}
      {groups
        .filter((group) => cards[group].length > 0)
        .map((group) => (
          <Box key={group}>
            {groups.length > 1 && (
              <Title order={3} className={classes.group} id={`group-${group}`}>
                {t(`production.group.${group}`)}
              </Title>
            )}
            <ul
              className={classes.cards}
              aria-labelledby={groups.length > 1 ? `group-${group}` : `column-${name}`}
            >
              {cards[group].map((card) =>
                card.kind === 'work' ? (
                  <WorkCard
                    key={card.id}
                    work={card.work}
                    onOpen={() => onOpen(card.work.orderId)}
                    onMove={onMove}
                  />
                ) : (
                  <OrderCard key={card.id} order={card.order} onOpen={() => onOpen(card.id)} />
                ),
              )}
            </ul>
          </Box>
        ))}
    </section>
  )
}
