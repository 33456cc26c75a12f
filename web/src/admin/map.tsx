import { Badge, Box, Button, Group, Table, Text, Title } from '@mantine/core'
import { IconTopologyStar3, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from '../parts/item-table.module.css'
import { Page } from '../parts/page.tsx'
import { serviceWords } from '../parts/services.ts'
import { Empty, Loaded } from '../parts/states.tsx'
import { MapCanvas } from './map-canvas.tsx'
import { type Flow, flowsOf } from './map-layout.ts'
import { loadMap, type MapData, mapKey } from './operations.ts'

const REFRESH_MS = 2500

/** Services and the events between them, as they are right now. */
export function SystemMap() {
  const { t } = useTranslation()
  const map = useQuery({
    queryKey: mapKey,
    queryFn: ({ signal }) => loadMap(signal),
    refetchInterval: REFRESH_MS,
  })
  return (
    <Page wide title={t('place.map')} about={t('placeAbout.map')}>
      <Loaded query={map}>
        {(data) =>
          data.length === 0 ? (
            <Empty icon={IconTopologyStar3} title={t('map.none')} />
          ) : (
            <MapView services={data} />
          )
        }
      </Loaded>
    </Page>
  )
}

function MapView({ services }: { services: MapData }) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<string>()
  const flows = flowsOf(services)
  const one = services.find((service) => service.facts.name === chosen)
  const shown =
    chosen === undefined ? flows : flows.filter((flow) => flow.from === chosen || flow.to === chosen)
  return (
    <>
      <MapCanvas
        services={services.map(({ facts, health, stats }) => ({
          name: facts.name,
          label: serviceWords(facts).name,
          up: health.status === 'up',
          rate: stats.outbox.reduce((sum, row) => sum + row.lastMinute, 0),
          dead: stats.inbox.reduce((sum, row) => sum + row.dead, 0),
        }))}
        flows={flows}
        chosen={chosen}
        onChoose={setChosen}
      />
      <Box component="section" className="panel" style={{ overflow: 'hidden' }} aria-live="off">
        <Group justify="space-between" p="md" pb="xs" align="flex-start">
          <Box flex="1 1 300px">
            <Title order={2}>{one ? serviceWords(one.facts).name : t('map.events')}</Title>
            <Text c="dimmed" size="sm">
              {one
                ? `${serviceWords(one.facts).summary} ${t('map.version', { version: one.facts.version })}`
                : t('map.eventsAbout')}
            </Text>
          </Box>
          {one && (
            <Button
              variant="default"
              size="sm"
              leftSection={<IconX size={16} />}
              onClick={() => setChosen(undefined)}
            >
              {t('map.showAll')}
            </Button>
          )}
        </Group>
        <FlowTable flows={shown} />
      </Box>
    </>
  )
}

function FlowTable({ flows }: { flows: readonly Flow[] }) {
  const { t } = useTranslation()
  if (flows.length === 0)
    return (
      <Text c="dimmed" p="md">
        {t('map.noEvents')}
      </Text>
    )
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className={classes.table!}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('map.event')}</Table.Th>
            <Table.Th>{t('map.path')}</Table.Th>
            <Table.Th ta="right">{t('map.rate')}</Table.Th>
            <Table.Th ta="right">{t('map.waiting')}</Table.Th>
            <Table.Th ta="right">{t('place.deadLetters')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flows.map((flow) => (
            <Table.Tr key={`${flow.consumer} ${flow.type}`}>
              <Table.Td className="mono">{flow.type}</Table.Td>
              <Table.Td>
                {flow.from} → {flow.consumer}
              </Table.Td>
              <Table.Td ta="right">{flow.rate}</Table.Td>
              <Table.Td ta="right">{flow.pending}</Table.Td>
              <Table.Td ta="right">
                {flow.dead > 0 ? (
                  <Badge color="red" renderRoot={(props) => <Link to="/admin/dead-letters" {...props} />}>
                    {flow.dead}
                  </Badge>
                ) : (
                  0
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
