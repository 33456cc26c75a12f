import { Badge, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { hasRole } from '@pleiad/platform/contract'
import { IconPlus, IconWebhook } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { ItemMenu } from '../parts/item-menu.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Row } from '../parts/row.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { useMayConfigure, usePlace, useProject } from './project.ts'
import { Rotate } from './rotate.tsx'
import { Deliveries } from './webhook-deliveries.tsx'
import { type Endpoint, endpointsKey } from './webhook-endpoints.ts'
import { EndpointForm } from './webhook-form.tsx'

/** What is open about an endpoint. */
type Open = { readonly what: 'change' | 'rotate' | 'remove'; readonly endpointId: string }

export function Webhooks() {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayConfigure()
  const sees = hasRole(useProject().role ?? 'viewer', 'developer')
  const [adding, setAdding] = useState(false)
  const [open, setOpen] = useState<Open>()
  const queryKey = endpointsKey(place.projectId, place.environment)
  const endpoints = useQuery({
    queryKey,
    queryFn: ({ signal }) => atlas.webhooks.listEndpoints({ params: place, signal }),
  })
  // Read from the list, so that what somebody else has changed meanwhile shows.
  const opened = endpoints.data?.items.find(({ endpointId }) => endpointId === open?.endpointId)
  const close = () => setOpen(undefined)
  const remove = useAction({
    run: ({ endpointId }: Endpoint) => atlas.webhooks.removeEndpoint({ params: { ...place, endpointId } }),
    done: t('atlas.webhooks.removed'),
    refresh: [['webhooks']],
    onDone: close,
  })
  const test = useAction({
    run: ({ endpointId }: Endpoint) => atlas.webhooks.sendTest({ params: { ...place, endpointId } }),
    done: t('atlas.webhooks.tested'),
    refresh: [['webhooks']],
  })
  const add = may && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
      {t('atlas.webhooks.add')}
    </Button>
  )
  const some = (endpoints.data?.items.length ?? 0) > 0
  return (
    <Page wide title={t('atlas.tab.webhooks')} about={t('atlas.webhooks.about')} actions={some && add}>
      <Section>
        <Loaded query={endpoints}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon={IconWebhook} title={t('atlas.webhooks.none')} action={add}>
                {t('atlas.webhooks.noneAbout')}
              </Empty>
            ) : (
              <Stack gap={0} component="ul" m={0} p={0}>
                {items.map((endpoint) => (
                  <Row
                    key={endpoint.endpointId}
                    icon={IconWebhook}
                    title={<Title endpoint={endpoint} />}
                    about={<About endpoint={endpoint} />}
                  >
                    {may && (
                      <EndpointMenu
                        endpoint={endpoint}
                        pending={test.isPending && test.variables === endpoint}
                        onTest={() => test.mutate(endpoint)}
                        onOpen={(what) => setOpen({ what, endpointId: endpoint.endpointId })}
                      />
                    )}
                  </Row>
                ))}
              </Stack>
            )
          }
        </Loaded>
      </Section>
      {sees && some && <Deliveries endpoints={endpoints.data?.items ?? []} />}
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        size="lg"
        title={t('atlas.webhooks.add')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {adding && <EndpointForm onClose={() => setAdding(false)} />}
      </Modal>
      <Modal
        opened={open?.what === 'change'}
        onClose={close}
        size="lg"
        title={t('atlas.webhooks.change')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open?.what === 'change' && opened && (
          <EndpointForm key={opened.version} endpoint={opened} onClose={close} />
        )}
      </Modal>
      <Modal
        opened={open?.what === 'rotate'}
        onClose={close}
        title={t('atlas.webhooks.rotate')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open?.what === 'rotate' && (
          <Rotate
            about={t('atlas.webhooks.rotateAbout')}
            confirm={t('atlas.webhooks.rotate')}
            run={(overlapSeconds) =>
              atlas.webhooks.rotateSecret({
                params: { ...place, endpointId: open.endpointId },
                body: { overlapSeconds },
              })
            }
            refresh={queryKey}
            onClose={close}
          />
        )}
      </Modal>
      <Confirm
        opened={open?.what === 'remove'}
        title={t('atlas.webhooks.remove')}
        confirm={t('atlas.webhooks.remove')}
        pending={remove.isPending}
        onConfirm={() => opened && remove.mutate(opened)}
        onClose={close}
      >
        {t('atlas.webhooks.removeAbout', { url: opened?.url ?? '' })}
      </Confirm>
    </Page>
  )
}

function Title({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation()
  return (
    <Group gap={8}>
      <Text fw={560} className="wrap-anywhere">
        {endpoint.url}
      </Text>
      {!endpoint.enabled && (
        <Badge color={endpoint.disabledReason ? 'red' : 'gray'}>
          {t(endpoint.disabledReason ? 'atlas.webhooks.gone' : 'atlas.webhooks.off')}
        </Badge>
      )}
    </Group>
  )
}

function About({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation()
  return (
    <Stack gap={2}>
      {endpoint.description && <span>{endpoint.description}</span>}
      <span>
        {endpoint.events.length === 0
          ? t('atlas.webhooks.allEvents')
          : t('atlas.webhooks.someEvents', { count: endpoint.events.length })}
        {endpoint.lastSuccessAt && (
          <>
            {' · '}
            {t('atlas.webhooks.arrived')} <When time={endpoint.lastSuccessAt} />
          </>
        )}
        {endpoint.lastFailureAt && (
          <>
            {' · '}
            {t('atlas.webhooks.failed')} <When time={endpoint.lastFailureAt} />
          </>
        )}
      </span>
      {endpoint.previousSecretUntil && (
        <span>
          {t('atlas.keys.previousUntil')} <When time={endpoint.previousSecretUntil} />
        </span>
      )}
    </Stack>
  )
}

function EndpointMenu({
  endpoint,
  pending,
  onTest,
  onOpen,
}: {
  endpoint: Endpoint
  pending: boolean
  onTest: () => void
  onOpen: (what: Open['what']) => void
}) {
  const { t } = useTranslation()
  return (
    <>
      <Button variant="default" size="compact-sm" loading={pending} onClick={onTest}>
        {t('atlas.webhooks.test')}
      </Button>
      <ItemMenu label={t('atlas.members.menu', { name: endpoint.url })}>
        <Menu.Item onClick={() => onOpen('change')}>{t('atlas.webhooks.change')}</Menu.Item>
        <Menu.Item onClick={() => onOpen('rotate')}>{t('atlas.webhooks.rotate')}</Menu.Item>
        <Menu.Item color="red" onClick={() => onOpen('remove')}>
          {t('atlas.webhooks.remove')}
        </Menu.Item>
      </ItemMenu>
    </>
  )
}
