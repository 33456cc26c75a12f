import { Modal, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FormButtons } from '../../parts/form-buttons.tsx'

interface Asking {
  readonly about: string
  readonly label: string
  readonly submit: string
  readonly pending: boolean
  readonly danger?: boolean
  /** Nothing happens without words. */
  readonly needed?: boolean
  readonly maxLength?: number
  readonly onSubmit: (words: string) => void
  readonly onClose: () => void
}

/** Asks for a few words before something is done, such as the reason of a rejection. */
export function WordsDialog({
  opened,
  title,
  ...asking
}: Asking & { readonly opened: boolean; readonly title: string }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={asking.onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && <Ask {...asking} />}
    </Modal>
  )
}

function Ask({
  about,
  label,
  submit,
  pending,
  danger = false,
  needed = false,
  maxLength = 500,
  onSubmit,
  onClose,
}: Asking) {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const [missed, setMissed] = useState(false)
  const said = words.trim()
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setMissed(needed && said === '')
        if (!needed || said !== '') onSubmit(said)
      }}
    >
      <Stack>
        <Text size="sm">{about}</Text>
        <Textarea
          label={label}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={maxLength}
          data-autofocus
          required={needed}
          withAsterisk={false}
          error={missed && said === '' ? t('field.needed') : undefined}
          value={words}
          onChange={({ currentTarget }) => setWords(currentTarget.value)}
        />
        <FormButtons submit={submit} danger={danger} pending={pending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
