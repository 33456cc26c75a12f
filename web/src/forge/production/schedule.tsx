import { Anchor, Group, Text } from '@mantine/core'
import { IconCalendarOff, IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Loaded, Waiting } from '../../parts/states.tsx'
import {
  type Machine,
  machinesQuery,
  materialsQuery,
  type Planned,
  scheduleQuery,
  useLooks,
  useProductionLive,
} from './data.ts'
import { AddMaterial, MaterialTable } from './materials.tsx'
import { byBegin, lateOf } from './plan.ts'
import { PlanList } from './plan-list.tsx'

/** The plan changes with time, too. */
const LOOKS_MS = 30_000

/** What each machine would do when, what will be late, and whether the material lasts. */
export function Schedule() {
  const { t } = useTranslation()
  const may = useMay()
  useProductionLive()
  const plan = useQuery({ ...scheduleQuery, refetchInterval: Math.min(useLooks(), LOOKS_MS) })
  const machines = useQuery(machinesQuery)
  const materials = useQuery(materialsQuery)
  return (
    <Page wide title={t('production.plan.title')} about={t('production.plan.about')}>
      <Loaded query={plan} waiting={<Waiting rows={5} height={72} />}>
        {(items) =>
          items.length === 0 ? (
            <Section>
              <Empty icon={IconCalendarOff} title={t('production.plan.none')}>
                {t('production.plan.noneAbout')}
              </Empty>
            </Section>
          ) : (
            <>
              <Late items={items} />
              <Lacking items={items} />
              <ByMachine items={items} machines={machines.data ?? []} />
            </>
          )
        }
      </Loaded>
      <Section
        title={t('production.materials.title')}
        about={t('production.materials.about')}
        actions={may('production:assign') && materials.data && <AddMaterial known={materials.data} />}
      >
        <Loaded query={materials} waiting={<Waiting rows={3} />}>
          {(items) => <MaterialTable items={items} />}
        </Loaded>
      </Section>
    </Page>
  )
}

function Late({ items }: { items: readonly Planned[] }) {
  const { t } = useTranslation()
  const late = lateOf(items)
  if (late.length === 0)
    return (
      <Group className="panel" p="md" gap="sm" wrap="nowrap" role="status">
        <IconCheck size={22} color="var(--mantine-color-green-5)" />
        <Text fw={560}>{t('production.plan.inTime')}</Text>
      </Group>
    )
  return (
    <Section title={t('production.plan.late', { count: late.length })} about={t('production.plan.lateAbout')}>
      <PlanList items={late} label={t('production.plan.late', { count: late.length })} />
    </Section>
  )
}

/** What is in nobody's way because nothing fits it, or because there is too little of its material. */
function Lacking({ items }: { items: readonly Planned[] }) {
  const { t } = useTranslation()
  const lacking = items.filter((one) => one.lacking)
  if (lacking.length === 0) return null
  return (
    <Section
      title={t('production.plan.lackingTitle', { count: lacking.length })}
      about={t('production.plan.lackingAbout')}
    >
      <PlanList items={lacking} label={t('production.plan.lackingTitle', { count: lacking.length })} />
    </Section>
  )
}

function ByMachine({ items, machines }: { items: readonly Planned[]; machines: readonly Machine[] }) {
  const { t } = useTranslation()
  const picked = items.filter((one) => !one.machineId && !one.lacking).sort(byBegin)
  return (
    <>
      {machines
        .filter(({ state }) => state !== 'retired')
        .map(({ machineId, name, state, reason }) => {
          const own = items.filter((one) => one.machineId === machineId).sort(byBegin)
          return (
            <Section
              key={machineId}
              title={name}
              actions={
                <Anchor
                  size="sm"
                  renderRoot={(props) => (
                    <Link to="/forge/production/machines/$machineId" params={{ machineId }} {...props} />
                  )}
                >
                  {t('production.plan.toMachine', { name })}
                </Anchor>
              }
            >
              {own.length > 0 ? (
                <PlanList items={own} label={name} />
              ) : (
                <Text c="dimmed">
                  {state === 'down'
                    ? [t('production.machineState.down'), reason].filter(Boolean).join(': ')
                    : t('production.machines.nothingNext')}
                </Text>
              )}
            </Section>
          )
        })}
      {picked.length > 0 && (
        <Section title={t('production.plan.picked')}>
          <PlanList items={picked} label={t('production.plan.picked')} />
        </Section>
      )}
    </>
  )
}
