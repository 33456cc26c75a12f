import { Badge, Box, Button, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { IconArrowBackUp, IconFileDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { fullTime, When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { type Order, orderQuery, productionKey, useViewer, type Work } from './data.ts'
import { Delivery } from './delivery.tsx'
import { OrderStep } from './order-card.tsx'
import { PhotoList } from './photos.tsx'
import { Reason } from './stop-forms.tsx'
import { useHow } from './work-card.tsx'

/** Everything production knows of an order, beside the board. */
export function OrderPanel({ orderId, onClose }: { orderId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const order = useQuery({ ...orderQuery(orderId ?? ''), enabled: orderId !== undefined })
  return (
    <SidePanel
      opened={orderId !== undefined}
      onClose={onClose}
      title={order.data ? t('production.order', { number: order.data.number }) : t('orders.title')}
    >
      {orderId !== undefined && <Loaded query={order}>{(data) => <Content order={data} />}</Loaded>}
    </SidePanel>
  )
}

function Content({ order }: { order: Order }) {
  const { t } = useTranslation()
  const { assigns } = useViewer()
  const [returning, setReturning] = useState(false)
  return (
    <Stack gap="lg">
      <Facts>
        <Fact name={t('production.stageTitle')}>{t(`production.stage.${order.stage}`)}</Fact>
        <Fact name={t('production.dueTitle')}>{fullTime(order.dueAt)}</Fact>
        {order.customerName && <Fact name={t('production.customer')}>{order.customerName}</Fact>}
        <Delivery order={order} />
        {order.tracking && (
          <Fact name={t('orders.parcel')}>
            {order.tracking.carrier} {order.tracking.number}
          </Fact>
        )}
        {order.note && <Fact name={t('orders.note')}>{order.note}</Fact>}
      </Facts>
      <OrderStep order={order} />
      <Box component="section">
        <Title order={3} mb="xs">
          {t('production.worksTitle', { done: order.finished, all: order.works })}
        </Title>
        {order.items.length < order.works && (
          <Text size="sm" c="dimmed" mb="xs">
            {t('production.someOfOthers')}
          </Text>
        )}
        <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
          {order.items.map((work) => (
            <WorkLine key={work.workId} work={work} />
          ))}
        </Stack>
      </Box>
      <Checks order={order} />
      {assigns && (order.stage === 'shipped' || order.stage === 'delivered') && (
        <div>
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={17} />}
            onClick={() => setReturning(true)}
          >
            {t('production.return')}
          </Button>
        </div>
      )}
      <Modal
        opened={returning}
        onClose={() => setReturning(false)}
        title={t('production.returnTitle', { number: order.number })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {returning && <ReturnForm orderId={order.orderId} onClose={() => setReturning(false)} />}
      </Modal>
    </Stack>
  )
}

function WorkLine({ work }: { work: Work }) {
  const { t } = useTranslation()
  const how = useHow()
  const may = useMay()
  const { fileId } = work
  const download = useAction({
    run: (id: string) => forge.files.createLink({ params: { fileId: id }, body: {} }),
    onDone: ({ url }) => {
      const { pathname, search } = new URL(url, location.href)
      location.assign(pathname + search)
    },
  })
  return (
    <Box component="li" className="panel" p="sm">
      <Group justify="space-between" gap="xs" align="flex-start">
        <Text fw={600} className="wrap-anywhere" flex="1 1 160px">
          {work.quantity} × {work.name}
        </Text>
        <Badge color={work.state === 'finished' ? 'green' : 'gray'}>
          {t(`production.state.${work.state}`)}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" className="wrap-anywhere">
        {[how(work), work.operatorName, work.machineName].filter(Boolean).join(' · ')}
      </Text>
      {fileId && may('models:read') && (
        <Button
          mt="xs"
          size="xs"
          variant="default"
          leftSection={<IconFileDownload size={16} />}
          loading={download.isPending}
          onClick={() => download.mutate(fileId)}
        >
          {t('production.getModel')}
        </Button>
      )}
    </Box>
  )
}

function Checks({ order }: { order: Order }) {
  const { t } = useTranslation()
  if (order.checks.length === 0) return null
  return (
    <Box component="section">
      <Title order={3} mb="xs">
        {t('production.checks')}
      </Title>
      <Stack component="ul" gap="md" m={0} p={0} style={{ listStyle: 'none' }}>
        {order.checks.map((check) => (
          <li key={check.checkId}>
            <Group gap="xs" mb={4}>
              <Badge color={check.passed ? 'green' : 'red'}>
                {t(`production.results.${check.passed ? 'passed' : 'failed'}`)}
              </Badge>
              <Text size="sm" c="dimmed" component="div">
                {check.byName} · <When time={check.at} />
              </Text>
            </Group>
            {check.note && (
              <Text size="sm" className="wrap-anywhere" mb={4}>
                {check.note}
              </Text>
            )}
            <PhotoList photos={check.photos} />
          </li>
        ))}
      </Stack>
    </Box>
  )
}

function ReturnForm({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const give = useAction({
    run: () => forge.operators.returnOrder({ params: { orderId }, body: { reason: reason.trim() } }),
    done: t('production.returned'),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (reason.trim()) give.mutate()
      }}
    >
      <Stack>
        <Reason value={reason} onChange={setReason} />
        <FormButtons
          submit={t('production.return')}
          danger
          pending={give.isPending}
          disabled={!reason.trim()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
