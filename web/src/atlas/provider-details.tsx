import { Badge, Button, Group, List, Modal, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { fullTime, When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { HealthFacts } from './health.tsx'
import { useMayConfigure, usePlace, useProject } from './project.ts'
import { labelOf } from './provider-fields.tsx'
import { ProviderForm } from './provider-form.tsx'
import { type CatalogueEntry, type Configuration, healthQuery } from './provider-list.ts'
import { Instructions, RedirectUri } from './provider-redirect.tsx'
import { ConnectionTest } from './provider-test.tsx'

/** A configured provider whole: what to register, how it is doing, its test, and what can be done with it. */
export function ProviderDetails({
  configuration,
  entry,
  onGone,
}: {
  configuration: Configuration
  entry: CatalogueEntry
  onGone: () => void
}) {
  const { t } = useTranslation()
  const place = usePlace()
  const { slug } = useProject()
  const may = useMayConfigure()
  const health = useQuery(healthQuery(place)).data?.items.find(
    ({ provider }) => provider === configuration.provider,
  )
  const [open, setOpen] = useState<'change' | 'remove'>()
  const close = () => setOpen(undefined)
  return (
    <Stack gap="lg">
      <ProviderBadges configuration={configuration} />
      <RedirectUri entry={entry} provider={configuration.provider} />
      <Instructions entry={entry} />
      {/* What was found before a change says nothing about the state after it. */}
      {may && (
        <ConnectionTest key={configuration.version} kind={entry.kind} provider={configuration.provider} />
      )}
      {health && (
        <Stack gap="sm">
          <Title order={3}>{t('atlas.providers.health')}</Title>
          <HealthFacts health={health} />
        </Stack>
      )}
      <Settings configuration={configuration} entry={entry} />
      <Group>
        <Button
          variant="light"
          renderRoot={(props) => (
            <Link
              to="/atlas/$slug/connections"
              params={{ slug }}
              search={(old) => ({ ...old, provider: configuration.provider })}
              {...props}
            />
          )}
        >
          {t('atlas.providers.seeConnections')}
        </Button>
        {may && (
          <>
            <Button variant="default" onClick={() => setOpen('change')}>
              {t('atlas.providers.change')}
            </Button>
            <Button variant="subtle" color="red" onClick={() => setOpen('remove')}>
              {t('atlas.providers.remove')}
            </Button>
          </>
        )}
      </Group>
      <Modal
        opened={open === 'change'}
        onClose={close}
        size="lg"
        title={configuration.name}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open === 'change' && (
          <ProviderForm
            entry={entry}
            configuration={configuration}
            suggestedKey={configuration.provider}
            onDone={close}
            onClose={close}
          />
        )}
      </Modal>
      <Remove
        configuration={configuration}
        connections={health && health.connections.active + health.connections.broken}
        opened={open === 'remove'}
        onClose={close}
        onGone={onGone}
      />
    </Stack>
  )
}

export function ProviderBadges({ configuration }: { configuration: Configuration }) {
  const { t } = useTranslation()
  const { enabled, signIn, secretSet } = configuration
  return (
    <Group gap={6}>
      <Badge color={enabled ? 'green' : 'gray'}>{t(`atlas.providers.${enabled ? 'on' : 'off'}`)}</Badge>
      <Badge color={signIn ? 'iris' : 'gray'}>
        {t(`atlas.providers.${signIn ? 'onPage' : 'connectOnly'}`)}
      </Badge>
      {!secretSet && <Badge color="yellow">{t('atlas.providers.noSecret')}</Badge>}
    </Group>
  )
}

function Settings({ configuration, entry }: { configuration: Configuration; entry: CatalogueEntry }) {
  const { t } = useTranslation()
  const scopes = configuration.scopes.length > 0 ? configuration.scopes : entry.scopes
  const parameters = Object.entries(configuration.parameters)
  return (
    <Facts>
      <Fact name={t('atlas.providers.key')}>
        <span className="mono">{configuration.provider}</span>
      </Fact>
      <Fact name={labelOf(entry, entry.clientIdLabel)}>
        <span className="mono">{configuration.clientId}</span>
      </Fact>
      {configuration.secretChangedAt && (
        <Fact name={t('atlas.providers.kept')}>{fullTime(configuration.secretChangedAt)}</Fact>
      )}
      {entry.fields
        .filter(({ key }) => configuration.settings[key])
        .map(({ key, label }) => (
          <Fact key={key} name={labelOf(entry, label)}>
            {configuration.settings[key]}
          </Fact>
        ))}
      {scopes.length > 0 && (
        <Fact name={t('atlas.providers.scopes')}>
          <span className="mono">{scopes.join(' ')}</span>
        </Fact>
      )}
      {parameters.length > 0 && (
        <Fact name={t('atlas.providers.parameters')}>
          <Lines items={parameters.map(([key, value]) => `${key}=${value}`)} />
        </Fact>
      )}
      {configuration.returnUrls.length > 0 && (
        <Fact name={t('atlas.providers.returnUrls')}>
          <Lines items={configuration.returnUrls} />
        </Fact>
      )}
      <Fact name={t('atlas.providers.changed')}>
        <When time={configuration.updatedAt} />
      </Fact>
    </Facts>
  )
}

function Lines({ items }: { items: readonly string[] }) {
  return (
    <List listStyleType="none" size="sm">
      {items.map((item) => (
        <List.Item key={item} className="mono wrap-anywhere">
          {item}
        </List.Item>
      ))}
    </List>
  )
}

/** Says what is lost before it is lost. */
function Remove({
  configuration: { provider, name, environment },
  connections,
  opened,
  onClose,
  onGone,
}: {
  configuration: Configuration
  connections: number | undefined
  opened: boolean
  onClose: () => void
  onGone: () => void
}) {
  const { t } = useTranslation()
  const place = usePlace()
  const remove = useAction({
    run: () => atlas.oauth.removeProvider({ params: { ...place, provider } }),
    done: t('atlas.providers.removed'),
    refresh: [['oauth']],
    onDone: onGone,
  })
  return (
    <Confirm
      opened={opened}
      title={t('atlas.providers.remove')}
      confirm={t('atlas.providers.remove')}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text size="sm">{t('atlas.providers.removeAbout', { name, environment })}</Text>
        <Text size="sm" fw={560}>
          {connections === undefined
            ? t('atlas.providers.removeUnknown')
            : connections === 0
              ? t('atlas.providers.removeNone')
              : t('atlas.providers.removeConnections', { count: connections })}
        </Text>
      </Stack>
    </Confirm>
  )
}
