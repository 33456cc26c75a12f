import { Anchor, Button, Group, Menu, Modal, Text } from '@mantine/core'
import { IconAdjustments, IconArrowLeft, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { atlas } from '../../atlas/api.ts'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Fact, Facts } from '../../parts/facts.tsx'
import { ItemMenu } from '../../parts/item-menu.tsx'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { Only } from '../only.tsx'
import { number } from '../words.ts'
import { managePlans, type ProjectPlan, partnersKey } from './data.ts'
import { PlanForm } from './plan-form.tsx'

export const plansKey = [...partnersKey, 'plans'] as const
const limits = ['requestsPerMinute', 'quotesPerDay', 'ordersPerDay'] as const

/** The rate plans of projects, for those who may give them. */
export function Plans() {
  const { t } = useTranslation()
  return (
    <Only permission={managePlans} title={t('partners.plans')} about={t('partners.plansForbidden')}>
      <PlanList />
    </Only>
  )
}

/** Names of projects, as far as this person may see them all. */
function useProjectNames(): (projectId: string) => string | undefined {
  const may = useMay()('projects:manage')
  const all = useInfiniteQuery({
    queryKey: ['projects', 'all', 'names'],
    queryFn: ({ pageParam, signal }) =>
      atlas.projects.listAllProjects({
        query: { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    enabled: may,
  })
  const names = new Map(
    all.data?.pages.flatMap(({ items }) => items.map(({ projectId, name }) => [projectId, name] as const)),
  )
  return (projectId) => names.get(projectId)
}

function PlanList() {
  const { t } = useTranslation()
  const nameOf = useProjectNames()
  const [editing, setEditing] = useState<ProjectPlan | 'new'>()
  const [removing, setRemoving] = useState<ProjectPlan>()
  const list = useList({
    queryKey: plansKey,
    load: (cursor, signal) => forge.partners.listPlans({ query: cursor, signal }),
  })
  const remove = useAction({
    run: ({ projectId }: ProjectPlan) => forge.partners.removePlan({ params: { projectId } }),
    done: t('partners.planRemoved'),
    refresh: [plansKey],
    onDone: () => setRemoving(undefined),
  })
  const standard = list.query.data?.pages[0]?.standard
  const give = (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setEditing('new')}>
      {t('partners.givePlan')}
    </Button>
  )
  const named = (plan: ProjectPlan) => nameOf(plan.projectId) ?? plan.projectId
  return (
    <Page wide title={t('partners.plans')} about={t('partners.plansAbout')} actions={give}>
      <Anchor renderRoot={(props) => <Link to="/forge/partners" {...props} />}>
        <Group gap={6} component="span">
          <IconArrowLeft size={16} aria-hidden />
          {t('partners.all')}
        </Group>
      </Anchor>
      {standard && (
        <Section title={t('partners.standard')} about={t('partners.standardAbout')}>
          <Facts>
            {limits.map((limit) => (
              <Fact key={limit} name={t(`partners.limit.${limit}`)}>
                {number(standard.limits[limit])}
              </Fact>
            ))}
          </Facts>
        </Section>
      )}
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconAdjustments} title={t('partners.noPlans')}>
            {t('partners.noPlansAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={({ projectId }) => projectId}
            columns={[
              {
                title: t('partners.project'),
                cell: (plan) => (
                  <>
                    <Text fw={600} className="wrap-anywhere">
                      {named(plan)}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {plan.name}
                    </Text>
                  </>
                ),
              },
              {
                title: t('partners.limit.requestsPerMinute'),
                from: 'md',
                cell: (plan) => number(plan.limits.requestsPerMinute),
              },
              {
                title: t('partners.quotesToday'),
                from: 'sm',
                cell: ({ today, limits: { quotesPerDay } }) =>
                  t('partners.of', { used: number(today.quotes), most: number(quotesPerDay) }),
              },
              {
                title: t('partners.ordersToday'),
                from: 'xs',
                cell: ({ today, limits: { ordersPerDay } }) =>
                  t('partners.of', { used: number(today.orders), most: number(ordersPerDay) }),
              },
              {
                title: t('atlas.actions'),
                cell: (plan) => (
                  <ItemMenu label={t('partners.planMenu', { name: named(plan) })}>
                    <Menu.Item onClick={() => setEditing(plan)}>{t('partners.changePlan')}</Menu.Item>
                    <Menu.Item color="red" onClick={() => setRemoving(plan)}>
                      {t('partners.removePlan')}
                    </Menu.Item>
                  </ItemMenu>
                ),
              },
            ]}
          />
        )}
      </ListPanel>
      <Modal
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        title={editing === 'new' || !editing ? t('partners.givePlan') : named(editing)}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {editing && standard && (
          <PlanForm
            plan={editing === 'new' ? undefined : editing}
            limits={editing === 'new' ? standard.limits : editing.limits}
            refresh={plansKey}
            onClose={() => setEditing(undefined)}
          />
        )}
      </Modal>
      <Confirm
        opened={removing !== undefined}
        title={t('partners.removePlan')}
        confirm={t('partners.removePlan')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing)}
        onClose={() => setRemoving(undefined)}
      >
        {t('partners.removePlanAbout', { name: removing ? named(removing) : '' })}
      </Confirm>
    </Page>
  )
}
