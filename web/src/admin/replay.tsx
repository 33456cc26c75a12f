import { Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { showAtFields, useAction } from '../parts/actions.ts'
import { serviceWords } from '../parts/services.ts'
import { lettersKey, type MapData, mapKey } from './operations.ts'

/** Publishes a service's history again from a date: for a new consumer, or after a handler was mended. */
export function Replay({
  opened,
  onClose,
  services,
}: {
  opened: boolean
  onClose: () => void
  services: MapData
}) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('replay.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && <ReplayForm services={services} onClose={onClose} />}
    </Modal>
  )
}

function ReplayForm({ services, onClose }: { services: MapData; onClose: () => void }) {
  const { t } = useTranslation()
  const form = useForm({
    initialValues: {
      service: null as string | null,
      type: null as string | null,
      consumer: null as string | null,
      from: '',
      to: '',
      again: false,
    },
    validate: {
      service: (value) => (value ? null : t('field.needed')),
      from: (value) => (value ? null : t('field.needed')),
      to: (value, { from }) => (value && from && value <= from ? t('errors.periodEmpty') : null),
      consumer: (value, { again }) => (again && !value ? t('errors.againNeedsConsumer') : null),
    },
  })
  const { service, type } = form.values
  const types =
    services.find(({ facts }) => facts.name === service)?.facts.emits.map((event) => event.type) ?? []
  const consumers = services.flatMap(({ facts }) =>
    facts.handles
      .filter((handle) => handle.from === service && (type === null || handle.type === type))
      .map((handle) => handle.consumer),
  )
  const replay = useAction({
    run: (values: typeof form.values) =>
      api.operations.replay({
        body: {
          service: values.service!,
          from: new Date(values.from).toISOString(),
          ...(values.to ? { to: new Date(values.to).toISOString() } : {}),
          ...(values.type ? { types: [values.type] } : {}),
          ...(values.consumer ? { consumer: values.consumer } : {}),
          ...(values.again ? { again: true } : {}),
        },
      }),
    done: ({ count }) => t('replay.done', { count }),
    refresh: [mapKey, lettersKey],
    onDone: onClose,
    onFail: (error) => showAtFields(form, error, { againNeedsConsumer: 'consumer', periodEmpty: 'to' }),
  })
  return (
    <form onSubmit={form.onSubmit((values) => replay.mutate(values))}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('replay.about')}
        </Text>
        <Select
          label={t('replay.service')}
          data={services.map(({ facts }) => ({ value: facts.name, label: serviceWords(facts).name }))}
          required
          withAsterisk={false}
          {...form.getInputProps('service')}
        />
        <Select
          label={t('map.event')}
          placeholder={t('replay.all')}
          clearable
          data={types}
          disabled={!service}
          {...form.getInputProps('type')}
        />
        <Select
          label={t('dead.consumer')}
          placeholder={t('replay.all')}
          clearable
          data={[...new Set(consumers)]}
          disabled={!service}
          {...form.getInputProps('consumer')}
        />
        <TextInput
          type="datetime-local"
          label={t('audit.from')}
          required
          withAsterisk={false}
          {...form.getInputProps('from')}
        />
        <TextInput
          type="datetime-local"
          label={t('audit.to')}
          description={t('replay.toAbout')}
          {...form.getInputProps('to')}
        />
        <Checkbox
          label={t('replay.again')}
          description={t('replay.againAbout')}
          {...form.getInputProps('again', { type: 'checkbox' })}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={replay.isPending}>
            {t('replay.start')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
