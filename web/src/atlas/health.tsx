/** How providers are doing: requests of the last day, the last failure in words, connections. */
import { Alert, Badge, Box, Group, SimpleGrid, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Fact, Facts } from '../parts/facts.tsx'
import { Section } from '../parts/page.tsx'
import { Loaded, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { usePlace } from './project.ts'
import { ProviderIcon } from './provider-icon.tsx'
import { type Configuration, healthQuery, type ProviderHealth } from './provider-list.ts'
import { troubleWords } from './provider-words.ts'

const tones = { healthy: 'green', failing: 'red', idle: 'gray' } as const

export function HealthBadge({ state }: { state: ProviderHealth['state'] | undefined }) {
  const { t } = useTranslation()
  return state ? <Badge color={tones[state]}>{t(`atlas.health.${state}`)}</Badge> : null
}

/** Every provider of the environment, side by side. Nothing where there is none. */
export function Health({ configured }: { configured: readonly Configuration[] }) {
  const { t } = useTranslation()
  const health = useQuery(healthQuery(usePlace()))
  if (configured.length === 0) return null
  return (
    <Section title={t('atlas.health.title')} about={t('atlas.health.about')}>
      <Loaded query={health} waiting={<Waiting rows={2} height={90} />}>
        {({ items }) => (
          <SimpleGrid component="ul" cols={{ base: 1, sm: 2, lg: 3 }} spacing="md" m={0} p={0}>
            {items.map((one) => (
              <Box
                key={one.provider}
                component="li"
                className="panel"
                p="md"
                style={{ listStyle: 'none' }}
                data-provider={one.provider}
              >
                <Group justify="space-between" mb="sm" wrap="nowrap">
                  <Group gap="sm" wrap="nowrap" miw={0}>
                    <Icon of={one.provider} configured={configured} />
                    <Text fw={560} truncate>
                      {one.name}
                    </Text>
                  </Group>
                  <HealthBadge state={one.state} />
                </Group>
                <HealthFacts health={one} />
              </Box>
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Section>
  )
}

function Icon({ of, configured }: { of: string; configured: readonly Configuration[] }) {
  const icon = configured.find(({ provider }) => provider === of)?.icon
  return icon ? <ProviderIcon icon={icon} size={28} /> : null
}

export function HealthFacts({ health }: { health: ProviderHealth }) {
  const { t } = useTranslation()
  const { succeeded, failed, meanMs, slowestMs, connections } = health
  return (
    <>
      <Facts>
        <Fact name={t('atlas.health.requests')}>
          {t('atlas.health.succeeded', { count: succeeded })}
          {', '}
          {t('atlas.health.failed', { count: failed })}
        </Fact>
        <Fact name={t('atlas.health.answers')}>
          {meanMs === undefined ? (
            t('atlas.health.none')
          ) : (
            <>
              {t('atlas.health.ms', { ms: meanMs })}
              {slowestMs !== undefined && `, ${t('atlas.health.slowest', { ms: slowestMs })}`}
            </>
          )}
        </Fact>
        <Fact name={t('atlas.health.connections')}>
          {t('atlas.health.active', { count: connections.active })}
          {', '}
          {t('atlas.health.broken', { count: connections.broken })}
        </Fact>
      </Facts>
      <LastFailure health={health} />
    </>
  )
}

function LastFailure({ health }: { health: ProviderHealth }) {
  const { t } = useTranslation()
  const { lastFailureAt, lastFailureCode, lastFailureWords, state } = health
  if (!lastFailureAt || !lastFailureWords) return null
  const { text, detail } = troubleWords(lastFailureCode, lastFailureWords)
  return (
    <Alert
      role="note"
      mt="sm"
      p="sm"
      color={state === 'failing' ? 'red' : 'gray'}
      icon={<IconAlertTriangle size={18} />}
      title={
        <>
          {t('atlas.health.lastFailure')}: <When time={lastFailureAt} />
        </>
      }
    >
      <Text size="sm" className="wrap-anywhere">
        {text}
      </Text>
      {detail && (
        <Text size="sm" c="dimmed" className="wrap-anywhere" lang="en">
          {detail}
        </Text>
      )}
    </Alert>
  )
}
