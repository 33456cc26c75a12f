import { Modal, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge, onceKey } from '../api.ts'
import { aliveQuery, booksKey } from './data.ts'

const IN_FORCE = 'inForce'

/** Makes a draft from the version in force, or from another one, and opens it. */
export function NewDraft({
  opened,
  from,
  onClose,
}: {
  opened: boolean
  /** The version to copy; without it, one is chosen. */
  from?: number
  onClose: () => void
}) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('prices.draft')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && <DraftForm {...(from === undefined ? {} : { from })} onClose={onClose} />}
    </Modal>
  )
}

function DraftForm({ from, onClose }: { from?: number; onClose: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const alive = useQuery(aliveQuery)
  const form = useForm({ initialValues: { note: '', from: from === undefined ? IN_FORCE : String(from) } })
  const create = useAction({
    run: (values: typeof form.values) =>
      forge.mes.createBook({
        body: {
          note: values.note.trim(),
          ...(values.from === IN_FORCE ? {} : { from: Number(values.from) }),
        },
        idempotencyKey: onceKey(),
      }),
    done: t('prices.drafted'),
    refresh: [booksKey],
    onDone: ({ version }) => {
      onClose()
      void navigate({ to: '/forge/prices/$version', params: { version: String(version) } })
    },
    onFail: (error) => showAtFields(form, error),
  })
  const others = (alive.data?.items ?? []).filter(({ inForce }) => !inForce).map(({ version }) => version)
  const choices = from === undefined ? others : [...new Set([from, ...others])]
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput
          label={t('prices.note')}
          description={t('prices.noteAbout')}
          maxLength={500}
          data-autofocus
          {...form.getInputProps('note')}
        />
        <Select
          label={t('prices.copyOf')}
          allowDeselect={false}
          data={[
            { value: IN_FORCE, label: t('prices.copyInForce') },
            ...choices.map((version) => ({ value: String(version), label: t('prices.named', { version }) })),
          ]}
          {...form.getInputProps('from')}
        />
        <FormButtons submit={t('prices.draft')} pending={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
