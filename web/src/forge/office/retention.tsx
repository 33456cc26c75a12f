import { Anchor, Group, Select, Stack, Table, Text } from '@mantine/core'
import { IconTrashOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { More } from '../../parts/more.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { Failed, Loaded, Waiting } from '../../parts/states.tsx'
import { fullTime } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { bytes } from '../words.ts'
import { retentionKey } from './data.ts'
import { Needs } from './frame.tsx'
import { RetentionDays } from './retention-days.tsx'

type Removal = Awaited<ReturnType<typeof forge.shop.previewRetention>>['first'][number]

const DAY_MS = 86_400_000
const spans = ['7', '30', '90', '365'] as const

/** How long models are kept after their orders have ended: what goes next, the rule, and what went. */
export function Retention() {
  const { t } = useTranslation()
  return (
    <Needs permissions={['shop:manage']}>
      {() => (
        <Page wide title={t('office.retention.title')} about={t('office.retention.about')}>
          <Next />
          <RetentionDays />
          <Gone />
        </Page>
      )}
    </Needs>
  )
}

/** What goes until a day, and what that frees. */
function Next() {
  const { t } = useTranslation()
  const [days, setDays] = useState<(typeof spans)[number]>('7')
  const preview = useQuery({
    queryKey: [...retentionKey, 'preview', days],
    queryFn: ({ signal }) =>
      forge.shop.previewRetention({
        query: { until: new Date(Date.now() + Number(days) * DAY_MS).toISOString() },
        signal,
      }),
    placeholderData: (before) => before,
  })
  return (
    <Section
      title={t('office.retention.next')}
      about={t('office.retention.nextAbout')}
      actions={
        <Select
          aria-label={t('office.retention.within')}
          w={190}
          allowDeselect={false}
          data={spans.map((span) => ({
            value: span,
            label: t('office.retention.days', { count: Number(span) }),
          }))}
          value={days}
          onChange={(value) => value && setDays(value as (typeof spans)[number])}
        />
      }
    >
      <Loaded query={preview} waiting={<Waiting rows={3} />}>
        {({ files, bytes: size, first }) =>
          files === 0 ? (
            <Group gap="sm" role="status">
              <IconTrashOff size={20} stroke={1.6} aria-hidden />
              <Text size="sm">{t('office.retention.nothingGoes')}</Text>
            </Group>
          ) : (
            <Stack>
              <Text role="status">
                <b>{t('office.retention.goes', { count: files })}</b>{' '}
                {t('office.retention.frees', { size: bytes(size) })}
              </Text>
              <Removals items={first} />
              {files > first.length && (
                <Text size="sm" c="dimmed">
                  {t('office.retention.andMore', { count: files - first.length })}
                </Text>
              )}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  )
}

/** The record of what went. */
function Gone() {
  const { t } = useTranslation()
  const { items, query } = useList({
    queryKey: [...retentionKey, 'gone'],
    load: (cursor, signal) => forge.shop.listRemovedModels({ query: { ...cursor, limit: 25 }, signal }),
  })
  return (
    <Section title={t('office.retention.gone')} about={t('office.retention.goneAbout')}>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting rows={3} />}
      {query.isSuccess && items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('office.retention.noneGone')}
        </Text>
      )}
      {items.length > 0 && <Removals items={items} gone />}
      <More query={query} />
    </Section>
  )
}

function Removals({ items, gone = false }: { items: readonly Removal[]; gone?: boolean }) {
  const { t } = useTranslation()
  const opens = useMay()('orders:manage')
  return (
    <Table.ScrollContainer minWidth={0}>
      <ItemTable
        items={items}
        idOf={(one) => `${one.orderId ?? ''} ${one.fileId}`}
        columns={[
          {
            title: t('office.retention.model'),
            cell: (one) => (
              <Stack gap={2}>
                <Text size="sm" fw={600} className="wrap-anywhere">
                  {one.name}
                </Text>
                <Text size="sm" c="dimmed" component="span">
                  {one.orderId && one.number ? (
                    opens ? (
                      <Anchor
                        inherit
                        underline="always"
                        renderRoot={(props) => (
                          <Link to="/forge/office/$orderId" params={{ orderId: one.orderId! }} {...props} />
                        )}
                      >
                        {one.number}
                      </Anchor>
                    ) : (
                      one.number
                    )
                  ) : (
                    t('office.retention.cart')
                  )}
                  {' · '}
                  {t(`office.retention.outcome.${one.outcome}`)}
                </Text>
              </Stack>
            ),
          },
          {
            title: t(gone ? 'office.retention.went' : 'office.retention.goesAt'),
            cell: (one) => (
              <Text size="sm">{fullTime(gone ? (one.goneAt ?? one.deleteAfter) : one.deleteAfter)}</Text>
            ),
          },
          {
            title: t('office.retention.size'),
            from: 'xs',
            cell: (one) => <span className="numbers">{bytes(one.bytes)}</span>,
          },
        ]}
      />
    </Table.ScrollContainer>
  )
}
