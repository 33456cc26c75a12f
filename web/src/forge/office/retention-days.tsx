import { Button, Group, NumberInput, SimpleGrid, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { LeaveGuard } from '../../parts/leave-guard.tsx'
import { Section } from '../../parts/page.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { retentionKey } from './data.ts'

type Kept = Awaited<ReturnType<typeof forge.shop.getRetention>>
const outcomes = ['delivered', 'returned', 'rejected', 'cancelled', 'abandoned'] as const
const MOST_DAYS = 3650

/** The rule: days after the end, by how the order ended. */
export function RetentionDays() {
  const { t } = useTranslation()
  const kept = useQuery({
    queryKey: [...retentionKey, 'days'],
    queryFn: ({ signal }) => forge.shop.getRetention({ signal }),
  })
  return (
    <Section title={t('office.retention.rule')} about={t('office.retention.ruleAbout')}>
      <Loaded query={kept}>{(data) => <Days key={data.version} kept={data} />}</Loaded>
    </Section>
  )
}

function Days({ kept }: { kept: Kept }) {
  const { t } = useTranslation()
  const needed = (value: number | string) => (value === '' ? t('field.needed') : null)
  const form = useForm<Record<(typeof outcomes)[number], number | string>>({
    initialValues: { ...kept.retention },
    validate: {
      delivered: needed,
      returned: needed,
      rejected: needed,
      cancelled: needed,
      abandoned: needed,
    },
  })
  const save = useAction({
    run: (values: typeof form.values) =>
      forge.shop.setRetention({
        body: {
          delivered: Number(values.delivered),
          returned: Number(values.returned),
          rejected: Number(values.rejected),
          cancelled: Number(values.cancelled),
          abandoned: Number(values.abandoned),
        },
        ifMatch: String(kept.version),
      }),
    done: t('office.retention.saved'),
    refresh: [retentionKey],
    onDone: () => form.resetDirty(),
  })
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <LeaveGuard dirty={form.isDirty() && !save.isPending} />
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }}>
          {outcomes.map((outcome) => (
            <NumberInput
              key={outcome}
              label={t(`office.retention.outcome.${outcome}`)}
              min={0}
              max={MOST_DAYS}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="strict"
              suffix={t('office.retention.suffix')}
              {...form.getInputProps(outcome)}
            />
          ))}
        </SimpleGrid>
        <Group justify="flex-end">
          {form.isDirty() && (
            <Button variant="default" onClick={() => form.reset()}>
              {t('action.discard')}
            </Button>
          )}
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            {t('action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
