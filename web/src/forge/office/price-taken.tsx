import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { forge } from '../api.ts'

export type HumanJob = Awaited<ReturnType<typeof forge.mes.listHumanJobs>>['items'][number]

/** Who works on it. */
export function Taken({ job, me }: { job: HumanJob; me: string | undefined }) {
  const { t } = useTranslation()
  if (!job.takenBy) return <Badge color="gray">{t('office.prices.free')}</Badge>
  return job.takenBy === me ? (
    <Badge color="green">{t('office.prices.mine')}</Badge>
  ) : (
    <Badge color="yellow">{t('office.prices.others')}</Badge>
  )
}
