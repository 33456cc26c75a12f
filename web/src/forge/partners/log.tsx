import { Badge, Group, Select, Stack, Switch, Text } from '@mantine/core'
import { IconListDetails, IconLock } from '@tabler/icons-react'
import i18next from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { atlas } from '../../atlas/api.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Section } from '../../parts/page.tsx'
import { Copy } from '../../parts/secret.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { Empty } from '../../parts/states.tsx'
import { fullTime, When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { number } from '../words.ts'
import type { PortalProps } from './begin.tsx'
import { type LogEntry, mayIn, operations, type Place, partnersKey } from './data.ts'
import { keysKey } from './keys.tsx'

const EVERY_MS = 5000

/** What programs called and what became of it, newest first; those who develop see it. */
export function Log({ project, place }: PortalProps) {
  const { t } = useTranslation()
  if (!mayIn(project, 'developer'))
    return (
      <Section>
        <Empty icon={IconLock} title={t('errors.forbidden')}>
          {t('partners.logDeveloper')}
        </Empty>
      </Section>
    )
  return <Entries place={place} />
}

function Entries({ place }: { place: Place }) {
  const { t } = useTranslation()
  const [operation, setOperation] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [opened, setOpened] = useState<LogEntry>()
  const filter = {
    ...(operation ? { operation: operation as (typeof operations)[number] } : {}),
    ...(failed ? { failed } : {}),
  }
  const list = useList({
    queryKey: [...partnersKey, 'log', place, filter],
    load: (cursor, signal) =>
      forge.partners.listLogs({ params: place, query: { ...filter, ...cursor }, signal }),
    every: EVERY_MS,
  })
  const filtered = operation !== null || failed
  return (
    <Stack gap="md">
      <Group gap="md">
        <Select
          aria-label={t('partners.operation')}
          placeholder={t('partners.anyOperation')}
          w={{ base: '100%', xs: 240 }}
          clearable
          clearButtonProps={{ 'aria-label': t('state.clearFilters') }}
          data={[...operations]}
          value={operation}
          onChange={setOperation}
        />
        <Switch
          label={t('partners.onlyFailed')}
          checked={failed}
          onChange={(event) => setFailed(event.currentTarget.checked)}
        />
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconListDetails} title={t(filtered ? 'state.nothing' : 'partners.noLog')}>
            {t(filtered ? 'partners.noneLike' : 'partners.noLogAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={({ logId }) => logId}
            onOpen={setOpened}
            columns={[
              {
                title: t('partners.operation'),
                cell: (entry) => (
                  <Text className="mono" component="span">
                    {entry.operation}
                  </Text>
                ),
              },
              { title: t('partners.outcome'), cell: (entry) => <Outcome entry={entry} /> },
              { title: t('partners.took'), from: 'sm', cell: (entry) => <Took entry={entry} /> },
              { title: t('partners.at'), from: 'xs', cell: (entry) => <When time={entry.at} /> },
            ]}
          />
        )}
      </ListPanel>
      <SidePanel
        opened={opened !== undefined}
        title={opened && <span className="mono">{opened.operation}</span>}
        onClose={() => setOpened(undefined)}
      >
        {opened && <Details entry={opened} place={place} />}
      </SidePanel>
    </Stack>
  )
}

function Outcome({ entry }: { entry: LogEntry }) {
  const ok = entry.outcome === 'ok'
  return (
    <Badge color={ok ? 'green' : 'red'} className="mono">
      {entry.outcome}
    </Badge>
  )
}

function Took({ entry }: { entry: LogEntry }) {
  const { t } = useTranslation()
  return t('partners.milliseconds', { value: number(entry.milliseconds) })
}

function Details({ entry, place }: { entry: LogEntry; place: Place }) {
  const { t } = useTranslation()
  const keys = useList({
    queryKey: keysKey(place),
    load: (cursor, signal) =>
      atlas.projects.listKeys({
        params: { projectId: place.projectId },
        query: { environment: place.environment, ...cursor },
        signal,
      }),
  })
  const key = keys.items.find(({ keyId }) => keyId === entry.programId)
  const words = `errors.${entry.outcome}`
  return (
    <Stack>
      <Group gap="sm">
        <Outcome entry={entry} />
        {i18next.exists(words) && <Text size="sm">{t(words as 'errors.internal')}</Text>}
      </Group>
      <Facts>
        <Fact name={t('partners.at')}>{fullTime(entry.at)}</Fact>
        <Fact name={t('partners.took')}>
          <Took entry={entry} />
        </Fact>
        <Fact name={t('partners.caller')}>
          {key ? key.name : <span className="mono wrap-anywhere">{entry.programId}</span>}
        </Fact>
        {entry.about && (
          <Fact name={t('partners.aboutWhat')}>
            <span className="mono wrap-anywhere">{entry.about}</span>
          </Fact>
        )}
        <Fact name={t('partners.requestId')}>
          <Group gap="sm">
            <span className="mono wrap-anywhere">{entry.requestId}</span>
            <Copy value={entry.requestId} label={t('partners.copyRequest')} />
          </Group>
        </Fact>
      </Facts>
      <Text size="sm" c="dimmed">
        {t('partners.requestAbout')}
      </Text>
    </Stack>
  )
}
