import { Badge, Button, Group, Select, Stack, Text, Title } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { fullTime, When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import type { Endpoint } from './webhook-endpoints.ts'

type Delivery = Awaited<ReturnType<typeof atlas.webhooks.listDeliveries>>['items'][number]
const states = ['waiting', 'sending', 'delivered', 'failed'] as const
const tones = { waiting: 'yellow', sending: 'iris', delivered: 'green', failed: 'red' } as const

/** The log of deliveries; what moves is asked for again every few seconds. */
export function Deliveries({ endpoints }: { endpoints: readonly Endpoint[] }) {
  const { t } = useTranslation()
  const place = usePlace()
  const [state, setState] = useState<string | null>(null)
  const [endpointId, setEndpointId] = useState<string | null>(null)
  const [opened, setOpened] = useState<Delivery>()
  const filter = {
    ...(state ? { state: state as Delivery['state'] } : {}),
    ...(endpointId ? { endpointId } : {}),
  }
  const list = useList({
    queryKey: ['webhooks', 'deliveries', place, filter],
    load: (cursor, signal) =>
      atlas.webhooks.listDeliveries({ params: place, query: { ...filter, ...cursor }, signal }),
    every: 5000,
  })
  const hostOf = (delivery: Delivery) => {
    const url = endpoints.find((one) => one.endpointId === delivery.endpointId)?.url
    return url ? new URL(url).host : ''
  }
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <Title order={2}>{t('atlas.webhooks.log')}</Title>
        <Group gap="sm">
          <Select
            aria-label={t('atlas.webhooks.byState')}
            placeholder={t('atlas.webhooks.byState')}
            w={180}
            clearable
            data={states.map((one) => ({ value: one, label: t(`atlas.webhooks.state.${one}`) }))}
            value={state}
            onChange={setState}
          />
          {endpoints.length > 1 && (
            <Select
              aria-label={t('atlas.webhooks.byEndpoint')}
              placeholder={t('atlas.webhooks.byEndpoint')}
              w={240}
              clearable
              data={endpoints.map((one) => ({ value: one.endpointId, label: one.url }))}
              value={endpointId}
              onChange={setEndpointId}
            />
          )}
        </Group>
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconSend} title={t('atlas.webhooks.noDeliveries')}>
            {t('atlas.webhooks.noDeliveriesAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(delivery) => delivery.deliveryId}
            onOpen={setOpened}
            columns={[
              {
                title: t('atlas.webhooks.event'),
                cell: (delivery) => (
                  <Stack gap={0}>
                    <Text className="mono wrap-anywhere">{delivery.type}</Text>
                    <Text size="sm" c="dimmed">
                      {hostOf(delivery)}
                    </Text>
                  </Stack>
                ),
              },
              { title: t('users.state'), cell: (delivery) => <State delivery={delivery} /> },
              { title: t('atlas.webhooks.tries'), from: 'sm', cell: (delivery) => delivery.attempts },
              {
                title: t('audit.when'),
                from: 'sm',
                cell: (delivery) => <When time={delivery.createdAt} />,
              },
            ]}
          />
        )}
      </ListPanel>
      <SidePanel
        opened={opened !== undefined}
        title={opened?.type}
        size={640}
        onClose={() => setOpened(undefined)}
      >
        {opened && <Opened deliveryId={opened.deliveryId} />}
      </SidePanel>
    </Stack>
  )
}

function State({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation()
  return (
    <Group gap={6}>
      <Badge color={tones[delivery.state]}>{t(`atlas.webhooks.state.${delivery.state}`)}</Badge>
      {delivery.lastStatus !== undefined && delivery.state !== 'delivered' && (
        <Text size="sm" c="dimmed">
          {delivery.lastStatus}
        </Text>
      )}
    </Group>
  )
}

function Opened({ deliveryId }: { deliveryId: string }) {
  const { t } = useTranslation()
  const place = usePlace()
  const params = { ...place, deliveryId }
  const delivery = useQuery({
    queryKey: ['webhooks', 'delivery', deliveryId],
    queryFn: ({ signal }) => atlas.webhooks.getDelivery({ params, signal }),
    refetchInterval: ({ state }) =>
      state.data && ['waiting', 'sending'].includes(state.data.state) ? 2000 : false,
  })
  const again = useAction({
    run: () => atlas.webhooks.sendAgain({ params }),
    done: t('atlas.webhooks.sentAgain'),
    refresh: [['webhooks']],
  })
  return (
    <Loaded query={delivery}>
      {(data) => (
        <Stack>
          <Group justify="space-between">
            <State delivery={data} />
            <Button
              size="sm"
              leftSection={<IconSend size={16} />}
              loading={again.isPending}
              disabled={data.state === 'sending'}
              onClick={() => again.mutate()}
            >
              {t('atlas.webhooks.again')}
            </Button>
          </Group>
          <Facts>
            <Fact name="webhook-id">
              <span className="mono">{data.messageId}</span>
            </Fact>
            {data.nextAttemptAt && (
              <Fact name={t('atlas.webhooks.next')}>
                <When time={data.nextAttemptAt} />
              </Fact>
            )}
            {data.lastError && <Fact name={t('atlas.webhooks.trouble')}>{data.lastError}</Fact>}
          </Facts>
          <Title order={3}>{t('atlas.webhooks.payload')}</Title>
          <CodeBlock text={JSON.stringify(JSON.parse(data.payload), null, 2)} />
          <Title order={3}>{t('atlas.webhooks.attempts')}</Title>
          {data.history.length === 0 && <Text c="dimmed">{t('atlas.webhooks.noAttempts')}</Text>}
          {data.history.map((attempt) => (
            <Stack key={attempt.at} gap={6}>
              <Group gap={8}>
                <Badge color={attempt.error ? 'red' : 'green'}>{attempt.status ?? '—'}</Badge>
                <Text size="sm" c="dimmed">
                  {fullTime(attempt.at)} · {attempt.durationMs} {t('atlas.webhooks.ms')}
                </Text>
              </Group>
              {attempt.error && <Text size="sm">{attempt.error}</Text>}
              {attempt.answer && <CodeBlock text={attempt.answer} />}
            </Stack>
          ))}
        </Stack>
      )}
    </Loaded>
  )
}
