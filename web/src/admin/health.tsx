import { Badge, Box, Group, SimpleGrid, Text, ThemeIcon, Title } from '@mantine/core'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Fact, Facts } from '../parts/facts.tsx'
import { Page } from '../parts/page.tsx'
import { serviceWords } from '../parts/services.ts'
import { Loaded, Waiting } from '../parts/states.tsx'
import { loadMap, type MapData, mapKey } from './operations.ts'

/** How every service is doing, read again every few seconds. */
export function Health() {
  const { t } = useTranslation()
  const map = useQuery({ queryKey: mapKey, queryFn: ({ signal }) => loadMap(signal), refetchInterval: 5000 })
  return (
    <Page wide title={t('place.health')} about={t('placeAbout.health')}>
      <Loaded query={map} waiting={<Waiting rows={3} height={140} />}>
        {(services) => (
          <>
            <Overall services={services} />
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {services.map((service) => (
                <ServiceCard key={service.facts.name} service={service} />
              ))}
            </SimpleGrid>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Overall({ services }: { services: MapData }) {
  const { t } = useTranslation()
  const down = services.filter((service) => service.health.status !== 'up')
  const good = down.length === 0
  return (
    <Group className="panel" p="lg" gap="md" role="status">
      <ThemeIcon size={44} radius="xl" variant="light" color={good ? 'green' : 'red'}>
        {good ? <IconCheck size={24} /> : <IconAlertTriangle size={24} />}
      </ThemeIcon>
      <Box>
        <Text fw={640} size="lg">
          {good
            ? t('health.allUp')
            : t('health.someDown', {
                names: down.map((service) => serviceWords(service.facts).name).join(', '),
              })}
        </Text>
        <Text c="dimmed" size="sm">
          {t('health.services', { count: services.length })}
        </Text>
      </Box>
    </Group>
  )
}

function ServiceCard({ service: { facts, health, stats } }: { service: MapData[number] }) {
  const { t } = useTranslation()
  const words = serviceWords(facts)
  const waiting =
    stats.outbox.reduce((sum, row) => sum + row.waiting, 0) +
    stats.inbox.reduce((sum, row) => sum + row.pending, 0)
  const oldest = Math.max(0, ...[...stats.outbox, ...stats.inbox].map((row) => row.oldestSeconds))
  const dead = stats.inbox.reduce((sum, row) => sum + row.dead, 0)
  return (
    <Box component="article" className="panel" p="lg">
      <Group justify="space-between" mb={4}>
        <Title order={2}>{words.name}</Title>
        <Badge color={health.status === 'up' ? 'green' : 'red'}>{t(`health.${health.status}`)}</Badge>
      </Group>
      <Text size="sm" c="dimmed" mb="md">
        {words.summary}
      </Text>
      <Facts>
        <Fact name={t('health.version')}>{facts.version}</Fact>
        <Fact name={t('health.database')}>{t('health.ms', { ms: health.ms })}</Fact>
        <Fact name={t('map.waiting')}>
          {waiting === 0 ? 0 : t('health.oldest', { count: waiting, seconds: Math.round(oldest) })}
        </Fact>
        <Fact name={t('place.deadLetters')}>{dead}</Fact>
        <Fact name={t('health.jobs')}>{facts.jobs.length}</Fact>
        {health.detail && <Fact name={t('mail.error')}>{health.detail}</Fact>}
      </Facts>
    </Box>
  )
}
