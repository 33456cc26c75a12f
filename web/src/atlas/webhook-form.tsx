import { MultiSelect, Stack, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { Secret } from '../parts/secret.tsx'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import { type Endpoint, endpointsKey } from './webhook-endpoints.ts'

/** Adds an endpoint, whose secret is then shown, or changes one. */
export function EndpointForm({ endpoint, onClose }: { endpoint?: Endpoint; onClose: () => void }) {
  const { t } = useTranslation()
  const place = usePlace()
  const [secret, setSecret] = useState<string>()
  const types = useQuery({
    queryKey: ['webhooks', 'types'],
    queryFn: ({ signal }) => atlas.webhooks.listEventTypes({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const form = useForm({
    initialValues: {
      url: endpoint?.url ?? '',
      description: endpoint?.description ?? '',
      events: [...(endpoint?.events ?? [])],
      enabled: endpoint?.enabled ?? true,
    },
    validate: { url: (value) => (/^https?:\/\/\S+$/.test(value) ? null : t('atlas.webhooks.urlBad')) },
  })
  const save = useAction({
    run: async (body: typeof form.values) => {
      if (!endpoint) return (await atlas.webhooks.createEndpoint({ params: place, body })).secret
      const params = { ...place, endpointId: endpoint.endpointId }
      await atlas.webhooks.updateEndpoint({ params, body, ifMatch: String(endpoint.version) })
      return undefined
    },
    refresh: [endpointsKey(place.projectId, place.environment)],
    onDone: (made) => {
      if (made) setSecret(made)
      else onClose()
    },
    onFail: (error) => showAtFields(form, error),
  })
  if (secret !== undefined) return <Secret secret={secret} onClose={onClose} />
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        <TextInput
          label={t('atlas.webhooks.url')}
          placeholder="https://api.example.com/hooks"
          maxLength={1000}
          required
          withAsterisk={false}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps('url')}
        />
        <TextInput
          label={t('atlas.webhooks.description')}
          maxLength={200}
          {...form.getInputProps('description')}
        />
        <MultiSelect
          label={t('atlas.webhooks.events')}
          description={t('atlas.webhooks.eventsAbout')}
          placeholder={form.values.events.length === 0 ? t('atlas.webhooks.allEvents') : ''}
          data={(types.data?.items ?? []).map(({ type }) => type)}
          searchable
          clearable
          hidePickedOptions
          {...form.getInputProps('events')}
        />
        <Switch
          label={t('atlas.webhooks.enabled')}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <FormButtons
          submit={t(endpoint ? 'action.save' : 'atlas.webhooks.add')}
          pending={save.isPending}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
