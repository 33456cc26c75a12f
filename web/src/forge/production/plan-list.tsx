import { Badge, Group, Text } from '@mantine/core'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import type { Planned } from './data.ts'
import classes from './machines.module.css'

/** “21 Nov, 14:00 – 16:30”; the day stands once. */
function span(startsAt: string, endsAt: string): string {
  return new Intl.DateTimeFormat(i18next.language, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).formatRange(new Date(startsAt), new Date(endsAt))
}

const moment = (time: string) =>
  new Intl.DateTimeFormat(i18next.language, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(time))

/** Planned works with when they would be made, and when they are due. */
export function PlanList({ items, label }: { items: readonly Planned[]; label: string }) {
  const { t } = useTranslation()
  return (
    <ul className={classes.plan} aria-label={label}>
      {items.map((one) => (
        <li key={one.workId} className={classes.planned}>
          <span className="numbers">
            {one.startsAt && one.endsAt ? span(one.startsAt, one.endsAt) : t('production.plan.notPlanned')}
          </span>
          <div>
            <Text fw={560} className="wrap-anywhere">
              {one.name}
            </Text>
            <Text size="sm" c="dimmed">
              {one.orderNumber} · {t('production.due')} {moment(one.dueAt)}
            </Text>
          </div>
          <Group gap={6} justify="flex-end">
            {one.lacking && <Badge color="yellow">{t(`production.plan.lacking.${one.lacking}`)}</Badge>}
            {one.late && <Badge color="red">{t('production.late')}</Badge>}
          </Group>
        </li>
      ))}
    </ul>
  )
}
