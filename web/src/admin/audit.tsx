import {
  Autocomplete,
  Badge,
  Box,
  Button,
  Code,
  Group,
  Stack,
  Table,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconChevronDown, IconHistoryOff } from '@tabler/icons-react'
import { Fragment, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { deviceOf } from '../parts/device.ts'
import { Fact, Facts } from '../parts/facts.tsx'
import classes from '../parts/item-table.module.css'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { fullTime } from '../parts/time.tsx'

type Entry = Awaited<ReturnType<typeof api.auth.listAudit>>['items'][number]
const noFilters = { event: '', person: '', from: '', to: '' }
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function Audit() {
  const { t } = useTranslation()
  const [filters, setFilters] = useState(noFilters)
  const [settled] = useDebouncedValue(filters, 300)
  const [opened, setOpened] = useState<string>()
  const person = settled.person.trim()
  const personBad = person !== '' && !uuid.test(person)
  const query = {
    ...(settled.event.trim() ? { event: settled.event.trim() } : {}),
    ...(person && !personBad ? { subjectId: person } : {}),
    ...(settled.from ? { from: new Date(settled.from).toISOString() } : {}),
    ...(settled.to ? { to: new Date(settled.to).toISOString() } : {}),
  }
  const list = useList({
    queryKey: ['auth', 'audit', query],
    load: (cursor, signal) => api.auth.listAudit({ query: { ...query, limit: 40, ...cursor }, signal }),
  })
  const known = [...new Set(list.items.map((item) => item.event))].sort()
  const set = (field: keyof typeof filters) => (value: string) =>
    setFilters((old) => ({ ...old, [field]: value }))
  const filtered = Object.values(filters).some(Boolean)
  return (
    <Page wide title={t('place.audit')} about={t('placeAbout.audit')}>
      <Group align="flex-end" gap="sm">
        <Autocomplete
          flex="1 1 200px"
          label={t('audit.event')}
          placeholder="signIn.refused"
          data={known}
          value={filters.event}
          onChange={set('event')}
        />
        <TextInput
          flex="1 1 240px"
          label={t('audit.person')}
          placeholder={t('audit.personId')}
          error={personBad && t('audit.personBad')}
          value={filters.person}
          onChange={(event) => set('person')(event.currentTarget.value)}
        />
        <TextInput
          flex="0 1 210px"
          type="datetime-local"
          label={t('audit.from')}
          value={filters.from}
          onChange={(event) => set('from')(event.currentTarget.value)}
        />
        <TextInput
          flex="0 1 210px"
          type="datetime-local"
          label={t('audit.to')}
          value={filters.to}
          onChange={(event) => set('to')(event.currentTarget.value)}
        />
        {filtered && (
          <Button variant="subtle" onClick={() => setFilters(noFilters)}>
            {t('state.clearFilters')}
          </Button>
        )}
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconHistoryOff} title={t('audit.none')}>
            {t('audit.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <Table className={classes.table!} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('audit.event')}</Table.Th>
                <Table.Th>{t('audit.when')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('audit.where')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Fragment key={item.id}>
                  <Table.Tr className={classes.row!}>
                    <Table.Td>
                      <UnstyledButton
                        className={classes.open!}
                        aria-expanded={opened === item.id}
                        onClick={() => setOpened(opened === item.id ? undefined : item.id)}
                      >
                        <Group gap={6} wrap="nowrap">
                          <IconChevronDown
                            size={15}
                            style={{ transform: opened === item.id ? undefined : 'rotate(-90deg)' }}
                          />
                          <Badge color={toneOf(item.event)}>{item.event}</Badge>
                        </Group>
                      </UnstyledButton>
                    </Table.Td>
                    <Table.Td>{fullTime(item.at)}</Table.Td>
                    <Table.Td visibleFrom="sm">
                      <Text size="sm" c="dimmed">
                        {[item.ip, item.userAgent && deviceOf(item.userAgent, '').name]
                          .filter(Boolean)
                          .join(' · ')}
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                  {opened === item.id && (
                    <Table.Tr>
                      <Table.Td colSpan={3}>
                        <Details entry={item} onPerson={set('person')} />
                      </Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </ListPanel>
    </Page>
  )
}

function toneOf(event: string): string {
  if (/refused|failed|reuse|locked|wrong/i.test(event)) return 'red'
  if (/succeeded|verified|enabled|registered|created|claimed/i.test(event)) return 'green'
  return 'gray'
}

function Details({ entry, onPerson }: { entry: Entry; onPerson: (id: string) => void }) {
  const { t } = useTranslation()
  const person = (id: string | undefined) =>
    id === undefined ? (
      t('audit.nobody')
    ) : (
      <Button variant="subtle" size="compact-sm" className="mono" px={4} onClick={() => onPerson(id)}>
        {id}
      </Button>
    )
  return (
    <Box>
      <Stack gap="sm" py="xs">
        <Facts>
          <Fact name={t('audit.actor')}>{person(entry.actorId)}</Fact>
          <Fact name={t('audit.subject')}>{person(entry.subjectId)}</Fact>
          {entry.userAgent && <Fact name={t('audit.device')}>{entry.userAgent}</Fact>}
        </Facts>
        {Object.keys(entry.details).length > 0 && <Code block>{JSON.stringify(entry.details, null, 2)}</Code>}
      </Stack>
    </Box>
  )
}
