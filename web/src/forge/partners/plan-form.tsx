import { NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import type { Limits } from '@pleiad/partners/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { atlas } from '../../atlas/api.ts'
import { useMay } from '../../me.ts'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge } from '../api.ts'
import type { ProjectPlan } from './data.ts'

/** As the contract has them. */
const most = { requestsPerMinute: 100_000, quotesPerDay: 1_000_000, ordersPerDay: 1_000_000 } as const
const names = Object.keys(most) as (keyof typeof most)[]
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Gives a project a plan, or changes it. */
export function PlanForm({
  plan,
  limits,
  refresh,
  onClose,
}: {
  plan: ProjectPlan | undefined
  limits: Limits
  refresh: readonly unknown[]
  onClose: () => void
}) {
  const { t } = useTranslation()
  const whole = (limit: keyof typeof most) => (value: number | string) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most[limit]
      ? null
      : t('partners.wholeNumber', { most: most[limit] })
  const form = useForm({
    initialValues: { projectId: plan?.projectId ?? '', name: plan?.name ?? '', limits: { ...limits } },
    validate: {
      projectId: (value) => (uuid.test(value) ? null : t('partners.chooseProject')),
      name: (value) => (value.trim() === '' ? t('field.needed') : null),
      limits: {
        requestsPerMinute: whole('requestsPerMinute'),
        quotesPerDay: whole('quotesPerDay'),
        ordersPerDay: whole('ordersPerDay'),
      },
    },
  })
  const save = useAction({
    run: ({ projectId, name, limits: chosen }: typeof form.values) =>
      forge.partners.setPlan({ params: { projectId }, body: { name: name.trim(), limits: chosen } }),
    done: t('partners.planSaved'),
    refresh: [refresh],
    onDone: onClose,
    onFail: (error) => showAtFields(form, error),
  })
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        {!plan && <ProjectField input={form.getInputProps('projectId')} />}
        <TextInput
          label={t('partners.planName')}
          maxLength={60}
          data-autofocus={plan !== undefined}
          {...form.getInputProps('name')}
        />
        {names.map((limit) => (
          <NumberInput
            key={limit}
            label={t(`partners.limit.${limit}`)}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            {...form.getInputProps(`limits.${limit}`)}
          />
        ))}
        <FormButtons submit={t('action.save')} pending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}

/** Chosen by name where all projects may be listed, else by the id that the project's settings show. */
function ProjectField({ input }: { input: ReturnType<ReturnType<typeof useForm>['getInputProps']> }) {
  const { t } = useTranslation()
  const may = useMay()('projects:manage')
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState<{ value: string; label: string }>()
  // The label of what was chosen stands in the field, too; it is no search.
  const [search] = useDebouncedValue(typed === chosen?.label ? '' : typed.trim(), 250)
  const found = useQuery({
    queryKey: ['projects', 'all', 'choose', search],
    queryFn: ({ signal }) =>
      atlas.projects.listAllProjects({ query: { limit: 25, ...(search ? { search } : {}) }, signal }),
    enabled: may,
    placeholderData: keepPreviousData,
  })
  if (!may) return <TextInput label={t('partners.projectId')} maxLength={36} data-autofocus {...input} />
  const options = (found.data?.items ?? []).map(({ projectId, name, slug }) => ({
    value: projectId,
    label: `${name} (${slug})`,
  }))
  return (
    <Select
      label={t('partners.project')}
      searchable
      data-autofocus
      data={chosen ? [chosen, ...options.filter(({ value }) => value !== chosen.value)] : options}
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has found them already.
      filter={(list) => list.options}
      nothingFoundMessage={t('state.nothing')}
      {...input}
      onChange={(value, option) => {
        input.onChange(value ?? '')
        setChosen(option ? { value: option.value, label: option.label } : undefined)
      }}
    />
  )
}
