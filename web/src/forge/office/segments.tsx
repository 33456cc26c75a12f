import { Button, Group, Menu, Stack, Text } from '@mantine/core'
import { IconFilter, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { ItemMenu } from '../../parts/item-menu.tsx'
import { Row } from '../../parts/row.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { termsQuery } from '../shop/data.ts'
import { useMoney } from '../words.ts'
import type { Segment } from './data.ts'
import own from './office.module.css'
import { SegmentForm } from './segment-form.tsx'
import { type Rules, segmentsKey, segmentsQuery } from './segments-data.ts'

/** The rules that sort customers: look, make, change, remove. */
export function Segments({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const manages = useMay()('customers:manage')
  const [editing, setEditing] = useState<Segment | 'new'>()
  const [removing, setRemoving] = useState<Segment>()
  const rulesWords = useRulesWords()
  const segments = useQuery({ ...segmentsQuery, enabled: opened })
  const remove = useAction({
    run: (segmentId: string) => forge.crm.removeSegment({ params: { segmentId } }),
    refresh: [segmentsKey],
    onDone: () => setRemoving(undefined),
  })
  const close = () => {
    setEditing(undefined)
    onClose()
  }
  return (
    <SidePanel
      opened={opened}
      title={t(
        editing === 'new'
          ? 'office.segments.add'
          : editing
            ? 'office.segments.change'
            : 'office.segments.title',
      )}
      onClose={close}
    >
      {editing ? (
        <SegmentForm segment={editing === 'new' ? undefined : editing} onDone={() => setEditing(undefined)} />
      ) : (
        <Loaded query={segments}>
          {({ items }) => (
            <Stack>
              <Text size="sm" c="dimmed">
                {t('office.segments.about')}
              </Text>
              {manages && (
                <Group>
                  <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')}>
                    {t('office.segments.add')}
                  </Button>
                </Group>
              )}
              {items.length === 0 && <Empty icon={IconFilter} title={t('office.segments.none')} />}
              <ul className={own.list}>
                {items.map((segment) => (
                  <Row
                    key={segment.segmentId}
                    icon={IconFilter}
                    title={
                      <Link
                        to="/forge/office/customers"
                        search={{ segment: segment.segmentId }}
                        className={own.link!}
                        onClick={close}
                      >
                        {segment.name}
                      </Link>
                    }
                    about={rulesWords(segment.rules)}
                  >
                    {manages && (
                      <ItemMenu label={t('office.segments.menu', { name: segment.name })}>
                        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEditing(segment)}>
                          {t('office.segments.change')}
                        </Menu.Item>
                        <Menu.Item
                          color="red"
                          leftSection={<IconTrash size={16} />}
                          onClick={() => setRemoving(segment)}
                        >
                          {t('office.segments.remove')}
                        </Menu.Item>
                      </ItemMenu>
                    )}
                  </Row>
                ))}
              </ul>
            </Stack>
          )}
        </Loaded>
      )}
      <Confirm
        opened={removing !== undefined}
        title={t('office.segments.remove')}
        confirm={t('office.segments.remove')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing.segmentId)}
        onClose={() => setRemoving(undefined)}
      >
        {t('office.segments.removeAbout', { name: removing?.name ?? '' })}
      </Confirm>
    </SidePanel>
  )
}

/** The rules of a segment in one sentence. */
function useRulesWords(): (rules: Rules) => string {
  const { t } = useTranslation()
  const money = useMoney()
  const currency = useQuery(termsQuery).data?.currency ?? 'EUR'
  return (rules) =>
    [
      rules.tags && t('office.segments.rule.tags', { tags: rules.tags.join(', ') }),
      rules.minOrders && t('office.segments.rule.minOrders', { count: rules.minOrders }),
      rules.minSpent && t('office.segments.rule.minSpent', { sum: money(rules.minSpent, currency) }),
      rules.activeDays && t('office.segments.rule.activeDays', { count: rules.activeDays }),
      rules.quietDays && t('office.segments.rule.quietDays', { count: rules.quietDays }),
      rules.company !== undefined &&
        t(rules.company ? 'office.segments.rule.company' : 'office.segments.rule.noCompany'),
    ]
      .filter(Boolean)
      .join(' · ')
}
