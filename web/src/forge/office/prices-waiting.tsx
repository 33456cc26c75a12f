import { Badge, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconCalculator } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useStaleBy } from '../../live.ts'
import { useMe } from '../../me.ts'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { Empty } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { useOptionsWords } from '../shop/options-words.ts'
import { useReason } from '../shop/reason.ts'
import { pricesKey, useLooks } from './data.ts'
import { Needs } from './frame.tsx'
import { PriceDecision } from './price-decision.tsx'
import { Taken } from './price-taken.tsx'
import { useRowKeys } from './row-keys.ts'

const pricesKeys = [pricesKey]
const shown = ['any', 'nobody', 'mine'] as const

/** Parts that could not be priced by themselves: a person says what each costs, or that it cannot be made. */
export function PricesWaiting() {
  return <Needs permissions={['prices:manage']}>{() => <Waiting />}</Needs>
}

function Waiting() {
  const { t } = useTranslation()
  const me = useMe().data?.userId
  const reason = useReason()
  const optionsWords = useOptionsWords()
  const [show, setShow] = useState<(typeof shown)[number]>('any')
  const [openedId, setOpenedId] = useState<string>()
  const around = useRowKeys<HTMLDivElement>()
  useStaleBy('prices.waiting', pricesKeys)
  const list = useList({
    queryKey: [...pricesKey, 'list', show],
    load: (cursor, signal) =>
      forge.mes.listHumanJobs({
        query: { ...cursor, limit: 25, ...(show === 'any' ? {} : { taken: show }) },
        signal,
      }),
    every: useLooks(),
  })
  return (
    <Page wide title={t('office.prices.title')} about={t('office.prices.about')}>
      <Stack gap="lg" ref={around}>
        <Group>
          <SegmentedControl
            aria-label={t('office.prices.which')}
            data={shown.map((value) => ({ value, label: t(`office.prices.show.${value}`) }))}
            value={show}
            onChange={(value) => setShow(value as (typeof shown)[number])}
          />
        </Group>
        <ListPanel
          list={list}
          empty={
            <Empty
              icon={IconCalculator}
              title={t('office.prices.none')}
              action={
                show !== 'any' && (
                  <Button variant="default" onClick={() => setShow('any')}>
                    {t('state.clearFilters')}
                  </Button>
                )
              }
            >
              {t('office.prices.noneAbout')}
            </Empty>
          }
        >
          {(items) => (
            <ItemTable
              items={items}
              idOf={(job) => job.requestId}
              onOpen={(job) => setOpenedId(job.requestId)}
              columns={[
                {
                  title: t('office.retention.model'),
                  cell: (job) => (
                    <Stack gap={2}>
                      <Group gap={6} component="span">
                        <Text fw={600} component="span" className="wrap-anywhere">
                          {job.options.quantity} × {job.modelName ?? t('office.prices.noName')}
                        </Text>
                        {job.lane === 'priority' && (
                          <Badge color="yellow">{t('office.prices.priority')}</Badge>
                        )}
                      </Group>
                      <Text size="sm" c="dimmed" component="span">
                        {optionsWords(job.options)}
                      </Text>
                      {job.reason && (
                        <Text size="sm" component="span" className="wrap-anywhere">
                          {reason(job.reason)}
                        </Text>
                      )}
                    </Stack>
                  ),
                },
                {
                  title: t('office.prices.who'),
                  from: 'sm',
                  cell: (job) => <Taken job={job} me={me} />,
                },
                {
                  title: t('office.prices.since'),
                  from: 'xs',
                  cell: (job) => <When time={job.createdAt} />,
                },
              ]}
            />
          )}
        </ListPanel>
      </Stack>
      <SidePanel
        opened={openedId !== undefined}
        title={t('office.prices.one')}
        onClose={() => setOpenedId(undefined)}
      >
        {openedId && <PriceDecision requestId={openedId} onDone={() => setOpenedId(undefined)} />}
      </SidePanel>
    </Page>
  )
}
