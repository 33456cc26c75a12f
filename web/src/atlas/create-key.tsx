import { Checkbox, ScrollArea, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { Secret } from '../parts/secret.tsx'
import { Loaded } from '../parts/states.tsx'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'

const DAY_MS = 86_400_000
const lifetimes = [30, 90, 365] as const

/** Makes a key, whose secret is then shown. */
export function CreateKey({ refresh, onClose }: { refresh: readonly unknown[]; onClose: () => void }) {
  const { t } = useTranslation()
  const { projectId, environment } = usePlace()
  const [secret, setSecret] = useState<string>()
  const scopes = useQuery({
    queryKey: ['projects', 'scopes'],
    queryFn: ({ signal }) => atlas.projects.listScopes({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const form = useForm({
    initialValues: { name: '', scopes: [] as string[], days: '365' },
    validate: {
      name: (value) => (value.trim() === '' ? t('field.needed') : null),
      scopes: (value) => (value.length === 0 ? t('atlas.keys.scopesNeeded') : null),
    },
  })
  const create = useAction({
    run: ({ name, days, ...body }: typeof form.values) =>
      atlas.projects.createKey({
        params: { projectId },
        body: {
          ...body,
          environment,
          name: name.trim(),
          ...(days === 'never'
            ? {}
            : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
        },
      }),
    refresh: [refresh],
    onDone: (made) => setSecret(made.secret),
    onFail: (error) => showAtFields(form, error),
  })
  if (secret !== undefined) return <Secret secret={secret} onClose={onClose} />
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.name')}
          description={t('atlas.keys.nameAbout')}
          maxLength={60}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select
          label={t('token.lifetime')}
          allowDeselect={false}
          data={[
            ...lifetimes.map((days) => ({ value: String(days), label: t('token.days', { count: days }) })),
            { value: 'never', label: t('token.never') },
          ]}
          {...form.getInputProps('days')}
        />
        <Checkbox.Group
          label={t('atlas.keys.scopes')}
          description={t('atlas.keys.scopesAbout')}
          {...form.getInputProps('scopes')}
        >
          <Loaded query={scopes}>
            {({ items }) => (
              <ScrollArea.Autosize mah={260} mt="sm" type="auto" viewportProps={{ tabIndex: 0 }}>
                <Stack gap="xs">
                  {items.map(({ scope, description }) => (
                    <Checkbox key={scope} value={scope} label={scope} description={description} />
                  ))}
                </Stack>
              </ScrollArea.Autosize>
            )}
          </Loaded>
        </Checkbox.Group>
        <FormButtons submit={t('atlas.keys.create')} pending={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
