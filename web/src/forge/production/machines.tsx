import { Badge, Box, Button, Group, Modal, SimpleGrid, Text } from '@mantine/core'
import { IconPlus, IconPrinter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { Page } from '../../parts/page.tsx'
import { Empty, Loaded, Waiting } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import {
  type Machine,
  machinesQuery,
  type Planned,
  scheduleQuery,
  useLooks,
  useProductionLive,
} from './data.ts'
import { MachineForm } from './machine-form.tsx'
import classes from './machines.module.css'
import { nextOn } from './plan.ts'

/** What a machine does, in a word and a colour. */
export function MachineState({ machine }: { machine: Machine }) {
  const { t } = useTranslation()
  const state = machine.state === 'ready' && machine.work ? 'running' : machine.state
  const colors = { running: 'green', ready: 'iris', down: 'red', retired: 'gray' } as const
  return <Badge color={colors[state]}>{t(`production.machineState.${state}`)}</Badge>
}

/** Every machine: what it makes now, and next. */
export function Machines() {
  const { t } = useTranslation()
  const may = useMay()
  const [adding, setAdding] = useState(false)
  useProductionLive()
  const every = useLooks()
  const machines = useQuery({ ...machinesQuery, refetchInterval: every })
  const plan = useQuery(scheduleQuery).data ?? []
  const add = may('production:configure') && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)}>
      {t('production.machines.add')}
    </Button>
  )
  return (
    <Page
      wide
      title={t('production.machines.title')}
      about={t('production.machines.about')}
      actions={machines.data && machines.data.length > 0 && add}
    >
      <Loaded query={machines} waiting={<Waiting rows={3} height={110} />}>
        {(items) =>
          items.length === 0 ? (
            <Box className="panel">
              <Empty icon={IconPrinter} title={t('production.machines.none')} action={add}>
                {t(add ? 'production.machines.noneAdd' : 'production.machines.noneAbout')}
              </Empty>
            </Box>
          ) : (
            <SimpleGrid
              component="ul"
              cols={{ base: 1, sm: 2, lg: 3 }}
              spacing="md"
              m={0}
              p={0}
              className={classes.list!}
            >
              {items.map((machine) => (
                <MachineCard key={machine.machineId} machine={machine} plan={plan} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('production.machines.add')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {adding && <MachineForm onClose={() => setAdding(false)} />}
      </Modal>
    </Page>
  )
}

function MachineCard({ machine, plan }: { machine: Machine; plan: readonly Planned[] }) {
  const { t } = useTranslation()
  const { machineId, name, technique, work, reason } = machine
  const [next] = nextOn(plan, machine)
  return (
    <li>
      <Link
        to="/forge/production/machines/$machineId"
        params={{ machineId }}
        className={`panel panel-link ${classes.card}`}
      >
        <Group justify="space-between" gap="xs" align="flex-start">
          <Text fw={600} flex="1 1 120px" className="wrap-anywhere">
            {name}
          </Text>
          <MachineState machine={machine} />
        </Group>
        <Text size="sm" c="dimmed">
          {t(`production.technique.${technique}`)}
        </Text>
        {machine.state !== 'ready' && reason && (
          <Text size="sm" className="wrap-anywhere">
            {reason}
          </Text>
        )}
        {work && (
          <Text size="sm" component="div" className="wrap-anywhere">
            {t('production.machines.now')} <b>{work.name}</b> · {work.orderNumber}
            {work.endsAt && (
              <>
                {' · '}
                {t('production.machines.until')} <When time={work.endsAt} />
              </>
            )}
          </Text>
        )}
        {machine.state === 'ready' && next && (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {t('production.machines.next')} {next.name} · {next.orderNumber}
          </Text>
        )}
      </Link>
    </li>
  )
}
