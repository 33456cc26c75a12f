import { NumberInput, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge, onceKey } from '../api.ts'
import { termsQuery } from '../shop/data.ts'
import { customersKey, type Segment } from './data.ts'
import { type Rules, tagsQuery } from './segments-data.ts'

interface Values {
  name: string
  tags: string[]
  minOrders: number | string
  minSpent: number | string
  activeDays: number | string
  quietDays: number | string
  company: string | null
}

const whole = (value: number | string) => (value === '' ? undefined : Math.round(Number(value)))

/** Every rule that is filled in must hold. */
function rulesOf(values: Values): Rules {
  const spent = values.minSpent === '' ? undefined : Math.round(Number(values.minSpent) * 100)
  const given = {
    tags: values.tags.length > 0 ? values.tags : undefined,
    minOrders: whole(values.minOrders),
    minSpent: spent,
    activeDays: whole(values.activeDays),
    quietDays: whole(values.quietDays),
    company: values.company === null ? undefined : values.company === 'yes',
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** Makes a segment, or changes one. */
export function SegmentForm({ segment, onDone }: { segment: Segment | undefined; onDone: () => void }) {
  const { t } = useTranslation()
  const [key] = useState(onceKey)
  const tags = useQuery(tagsQuery).data?.items ?? []
  const currency = useQuery(termsQuery).data?.currency ?? ''
  const rules = segment?.rules
  const form = useForm<Values>({
    initialValues: {
      name: segment?.name ?? '',
      tags: [...(rules?.tags ?? [])],
      minOrders: rules?.minOrders ?? '',
      minSpent: rules?.minSpent === undefined ? '' : rules.minSpent / 100,
      activeDays: rules?.activeDays ?? '',
      quietDays: rules?.quietDays ?? '',
      company: rules?.company === undefined ? null : rules.company ? 'yes' : 'no',
    },
    validate: { name: (value) => (value.trim() ? null : t('field.needed')) },
  })
  const empty = Object.keys(rulesOf(form.values)).length === 0
  const save = useAction({
    run: (values: Values) => {
      const body = { name: values.name.trim(), rules: rulesOf(values) }
      return segment
        ? forge.crm.updateSegment({
            params: { segmentId: segment.segmentId },
            body,
            ifMatch: String(segment.version),
          })
        : forge.crm.createSegment({ body, idempotencyKey: key })
    },
    done: t('office.segments.saved'),
    refresh: [customersKey],
    onDone,
    onFail: (error) => showAtFields(form, error, { segmentNameTaken: 'name' }),
  })
  const days = { min: 1, max: 36_500, allowDecimal: false }
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack>
        <TextInput
          label={t('office.segments.name')}
          maxLength={60}
          autoFocus
          {...form.getInputProps('name')}
        />
        <Text size="sm" c="dimmed">
          {t('office.segments.rules')}
        </Text>
        <TagsInput
          label={t('office.segments.tags')}
          data={tags.map(({ tag }) => tag)}
          maxTags={10}
          clearable
          clearButtonProps={{ 'aria-label': t('office.tags.clear') }}
          {...form.getInputProps('tags')}
        />
        <NumberInput
          label={t('office.segments.minOrders')}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          {...form.getInputProps('minOrders')}
        />
        <NumberInput
          label={t('office.segments.minSpent', { currency })}
          min={1}
          max={10_000_000_000}
          decimalScale={2}
          {...form.getInputProps('minSpent')}
        />
        <NumberInput
          label={t('office.segments.activeDays')}
          {...days}
          {...form.getInputProps('activeDays')}
        />
        <NumberInput label={t('office.segments.quietDays')} {...days} {...form.getInputProps('quietDays')} />
        <Select
          label={t('office.segments.company')}
          placeholder={t('office.segments.eitherWay')}
          data={[
            { value: 'yes', label: t('office.segments.rule.company') },
            { value: 'no', label: t('office.segments.rule.noCompany') },
          ]}
          clearable
          clearButtonProps={{ 'aria-label': t('office.segments.eitherWay') }}
          {...form.getInputProps('company')}
        />
        <FormButtons submit={t('action.save')} pending={save.isPending} disabled={empty} onCancel={onDone} />
      </Stack>
    </form>
  )
}
