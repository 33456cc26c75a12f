import { IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/page.tsx'
import type { Order, OrderState } from './data.ts'
import classes from './road.module.css'

const road: readonly OrderState[] = [
  'created',
  'confirmed',
  'inProduction',
  'qualityCheck',
  'packed',
  'shipped',
  'delivered',
]

/** The way of an order from the first day to the door; what it leaves out is not shown. */
export function Road({ order }: { order: Order }) {
  const { t } = useTranslation()
  const made = order.lines.some(({ kind }) => kind === 'made')
  const steps = road.filter(
    (state) =>
      (made || (state !== 'inProduction' && state !== 'qualityCheck')) &&
      (order.delivery?.method !== 'pickup' || state !== 'shipped'),
  )
  const at = steps.indexOf(order.state)
  if (at < 0) return null
  return (
    <Section>
      <ol className={classes.road} aria-label={t('orders.road')}>
        {steps.map((state, i) => (
          <li
            key={state}
            className={classes.step}
            data-done={i < at || order.state === 'delivered' || undefined}
            data-now={i === at || undefined}
            aria-current={i === at ? 'step' : undefined}
          >
            <span className={classes.mark} aria-hidden>
              {i < at || order.state === 'delivered' ? <IconCheck size={14} stroke={2.4} /> : i + 1}
            </span>
            <span className={classes.name}>{t(`orders.state.${state}`)}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
