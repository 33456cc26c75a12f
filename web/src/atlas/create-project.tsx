import { Modal, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { atlas } from './api.ts'
import { slugFrom, slugPattern } from './slug.ts'

/** Asks for a name and suggests the address. */
export function CreateProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('atlas.projects.create')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && <Form onClose={onClose} />}
    </Modal>
  )
}

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const form = useForm({
    initialValues: { name: '', slug: '' },
    validate: {
      name: (value) => (value.trim() ? null : t('field.needed')),
      slug: (value) => (slugPattern.test(value) ? null : t('atlas.projects.slugBad')),
    },
  })
  const create = useAction({
    run: ({ name, slug }: typeof form.values) =>
      atlas.projects.createProject({ body: { name: name.trim(), slug } }),
    done: t('atlas.projects.created'),
    refresh: [['projects']],
    onDone: onClose,
    onFail: (error) => showAtFields(form, error, { slugTaken: 'slug', slugNotAllowed: 'slug' }),
  })
  const rename = (name: string) => {
    // The address follows the name until the person has chosen one.
    if (form.values.slug === slugFrom(form.values.name)) form.setFieldValue('slug', slugFrom(name))
    form.setFieldValue('name', name)
  }
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.name')}
          description={t('atlas.projects.nameAbout')}
          maxLength={80}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('name')}
          onChange={(event) => rename(event.currentTarget.value)}
        />
        <TextInput
          label={t('atlas.projects.slug')}
          description={t('atlas.projects.slugAbout', { slug: form.values.slug || '…' })}
          maxLength={40}
          required
          withAsterisk={false}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('slug')}
        />
        <FormButtons submit={t('atlas.projects.create')} pending={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
