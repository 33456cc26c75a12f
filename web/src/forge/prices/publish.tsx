import { Alert, Modal, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { fullTime } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { type Book, booksKey } from './data.ts'

/** Puts a version into force: at once or at a time, for good or until a time. */
export function Publish({ book, opened, onClose }: { book: Book; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('prices.publishNamed', { version: book.version })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && <PublishForm book={book} onClose={onClose} />}
    </Modal>
  )
}

function PublishForm({ book, onClose }: { book: Book; onClose: () => void }) {
  const { t } = useTranslation()
  const form = useForm({
    initialValues: { when: 'now', validFrom: '', validUntil: '' },
    validate: {
      validFrom: (value, { when }) => {
        if (when === 'now') return null
        if (value === '') return t('field.needed')
        return new Date(value) > new Date() ? null : t('prices.past')
      },
      validUntil: (value, { when, validFrom }) => {
        if (value === '') return null
        const from = when === 'now' || validFrom === '' ? new Date() : new Date(validFrom)
        return new Date(value) > from ? null : t('prices.endsBefore')
      },
    },
  })
  const publish = useAction({
    run: ({ when, validFrom, validUntil }: typeof form.values) =>
      forge.mes.publishBook({
        params: { version: book.version },
        body: {
          ...(when === 'now' ? {} : { validFrom: new Date(validFrom).toISOString() }),
          ...(validUntil === '' ? {} : { validUntil: new Date(validUntil).toISOString() }),
        },
        ifMatch: String(book.revision),
      }),
    done: (info) =>
      info.inForce
        ? t('prices.publishedNow')
        : t('prices.publishedLater', { from: fullTime(info.periods.at(-1)?.from ?? info.createdAt) }),
    refresh: [booksKey],
    onDone: onClose,
    onFail: (error) =>
      showAtFields(form, error, {
        bookPeriodNotRight: form.values.when === 'now' ? 'validUntil' : 'validFrom',
      }),
  })
  const { when } = form.values
  return (
    <form noValidate onSubmit={form.onSubmit((values) => publish.mutate(values))}>
      <Stack>
        <Text size="sm">{t('prices.publishAbout')}</Text>
        <Radio.Group label={t('prices.begins')} {...form.getInputProps('when')}>
          <Stack gap="xs" mt={8}>
            <Radio value="now" label={t('prices.atOnce')} data-autofocus />
            <Radio value="later" label={t('prices.later')} />
          </Stack>
        </Radio.Group>
        {when === 'later' && (
          <TextInput
            type="datetime-local"
            label={t('prices.validFrom')}
            description={t('prices.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
            {...form.getInputProps('validFrom')}
          />
        )}
        <TextInput
          type="datetime-local"
          label={t('prices.validUntil')}
          description={t('prices.validUntilAbout')}
          {...form.getInputProps('validUntil')}
        />
        {when === 'now' && <Alert color="yellow">{t('prices.publishNow')}</Alert>}
        <FormButtons submit={t('prices.publishDo')} pending={publish.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
