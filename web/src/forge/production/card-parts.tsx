/** What cards of works and of orders have in common. */
import { Badge, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { When } from '../../parts/time.tsx'

export const isLate = (dueAt: string): boolean => new Date(dueAt).getTime() < Date.now()

/** When it is due; what is late stands out, and says so in words. */
export function Due({ dueAt }: { dueAt: string }) {
  const { t } = useTranslation()
  return (
    <Text size="sm" c={isLate(dueAt) ? undefined : 'dimmed'} component="div">
      {isLate(dueAt) && (
        <Badge color="red" mr={6}>
          {t('production.late')}
        </Badge>
      )}
      {t('production.due')} <When time={dueAt} />
    </Text>
  )
}
