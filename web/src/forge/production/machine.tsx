import { Alert, Badge, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconPrinterOff, IconSettings } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Loaded, Waiting } from '../../parts/states.tsx'
import { fullTime, When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { sizeWords } from '../words.ts'
import {
  type Machine,
  machinesQuery,
  materialsQuery,
  productionKey,
  scheduleQuery,
  useLooks,
  useProductionLive,
} from './data.ts'
import { MachineForm } from './machine-form.tsx'
import { MachineState } from './machines.tsx'
import { MaterialTable, useMaterialWords } from './materials.tsx'
import { nextOn, takenBy } from './plan.ts'
import { PlanList } from './plan-list.tsx'
import { Reason } from './stop-forms.tsx'

const route = getRouteApi('/app/forge/production/machines/$machineId')

/** One machine: what it makes now and next, what lies there for it, and what state it is in. */
export function MachinePage() {
  const { t } = useTranslation()
  const { machineId } = route.useParams()
  useProductionLive()
  const machines = useQuery({ ...machinesQuery, refetchInterval: useLooks() })
  const machine = machines.data?.find((one) => one.machineId === machineId)
  const back = (
    <Button variant="default" renderRoot={(props) => <Link to="/forge/production/machines" {...props} />}>
      {t('production.machines.all')}
    </Button>
  )
  if (machines.data && !machine)
    return (
      <Page wide title={t('production.machine')}>
        <Section>
          <Empty icon={IconPrinterOff} title={t('production.machines.gone')} action={back}>
            {t('production.machines.goneAbout')}
          </Empty>
        </Section>
      </Page>
    )
  return (
    <Page
      wide
      title={machine?.name ?? t('production.machine')}
      actions={machine && <MachineActions machine={machine} />}
    >
      {machine ? (
        <Content machine={machine} />
      ) : (
        <Loaded query={machines} waiting={<Waiting rows={3} height={120} />}>
          {() => null}
        </Loaded>
      )}
    </Page>
  )
}

function Content({ machine }: { machine: Machine }) {
  const { t } = useTranslation()
  const plan = useQuery(scheduleQuery)
  const materials = useQuery(materialsQuery)
  const { materialName } = useMaterialWords()
  const { work } = machine
  return (
    <>
      {machine.state !== 'ready' && (
        <Alert
          color={machine.state === 'down' ? 'red' : 'gray'}
          icon={<IconAlertTriangle size={20} />}
          title={t(`production.machineState.${machine.state}`)}
        >
          {machine.reason}
        </Alert>
      )}
      <Section title={t('production.machines.nowTitle')}>
        {work ? (
          <Stack gap={4}>
            <Text fw={600} fz="lg" className="wrap-anywhere">
              {work.name}
            </Text>
            <Text c="dimmed" component="div">
              {work.orderNumber}
              {work.endsAt && (
                <>
                  {' · '}
                  {t('production.machines.until')} <When time={work.endsAt} /> ({fullTime(work.endsAt)})
                </>
              )}
            </Text>
          </Stack>
        ) : (
          <Text c="dimmed">{t('production.machines.idle')}</Text>
        )}
      </Section>
      <Section title={t('production.machines.nextTitle')} about={t('production.machines.nextAbout')}>
        <Loaded query={plan} waiting={<Waiting rows={3} />}>
          {(items) => {
            const next = nextOn(items, machine).slice(0, 10)
            return next.length === 0 ? (
              <Text c="dimmed">{t('production.machines.nothingNext')}</Text>
            ) : (
              <PlanList items={next} label={t('production.machines.nextTitle')} />
            )
          }}
        </Loaded>
      </Section>
      <Section title={t('production.materials.title')} about={t('production.machines.materialsHere')}>
        <Loaded query={materials} waiting={<Waiting rows={3} />}>
          {(items) => <MaterialTable items={takenBy(machine, items)} />}
        </Loaded>
      </Section>
      <Section title={t('production.machines.aboutTitle')}>
        <Facts>
          <Fact name={t('production.machines.stateTitle')}>
            <MachineState machine={machine} />
          </Fact>
          <Fact name={t('production.machines.technique')}>
            {t(`production.technique.${machine.technique}`)}
          </Fact>
          <Fact name={t('production.machines.materials')}>
            {machine.materials.length === 0 ? (
              t('production.machines.allMaterials')
            ) : (
              <Group gap={6}>
                {machine.materials.map((id) => (
                  <Badge key={id} color="gray">
                    {materialName(id)}
                  </Badge>
                ))}
              </Group>
            )}
          </Fact>
          <Fact name={t('production.machines.largest')}>{sizeWords(machine.sizeMm)}</Fact>
        </Facts>
      </Section>
    </>
  )
}

function MachineActions({ machine }: { machine: Machine }) {
  const { t } = useTranslation()
  const may = useMay()
  const [dialog, setDialog] = useState<'change' | 'down' | 'retired'>()
  const close = () => setDialog(undefined)
  const params = { machineId: machine.machineId }
  const ready = useAction({
    run: () => forge.operators.setMachineState({ params, body: { state: 'ready' } }),
    done: t('production.machines.isReady'),
    refresh: [productionKey],
  })
  const heads = may('production:configure')
  const titles = {
    change: t('production.machines.change'),
    down: t('production.machines.toDown'),
    retired: t('production.machines.toRetired'),
  }
  return (
    <>
      {machine.state === 'ready' ? (
        <Button variant="default" onClick={() => setDialog('down')}>
          {titles.down}
        </Button>
      ) : (
        (machine.state === 'down' || heads) && (
          <Button loading={ready.isPending} onClick={() => ready.mutate()}>
            {t('production.machines.toReady')}
          </Button>
        )
      )}
      {heads && machine.state !== 'retired' && (
        <Button variant="default" onClick={() => setDialog('retired')}>
          {titles.retired}
        </Button>
      )}
      {heads && (
        <Button
          variant="default"
          leftSection={<IconSettings size={17} />}
          onClick={() => setDialog('change')}
        >
          {titles.change}
        </Button>
      )}
      <Modal
        opened={dialog !== undefined}
        onClose={close}
        title={dialog ? titles[dialog] : ''}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {dialog === 'change' && <MachineForm machine={machine} onClose={close} />}
        {(dialog === 'down' || dialog === 'retired') && (
          <StateForm machine={machine} state={dialog} onClose={close} />
        )}
      </Modal>
    </>
  )
}

function StateForm({
  machine,
  state,
  onClose,
}: {
  machine: Machine
  state: 'down' | 'retired'
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const save = useAction({
    run: () =>
      forge.operators.setMachineState({
        params: { machineId: machine.machineId },
        body: { state, reason: reason.trim() },
      }),
    done: t('production.machines.saved'),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (reason.trim()) save.mutate()
      }}
    >
      <Stack>
        {machine.work && (
          <Text size="sm">{t('production.machines.pauses', { name: machine.work.name })}</Text>
        )}
        <Reason value={reason} onChange={setReason} />
        <FormButtons
          submit={t(state === 'down' ? 'production.machines.toDown' : 'production.machines.toRetired')}
          danger
          pending={save.isPending}
          disabled={!reason.trim()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
