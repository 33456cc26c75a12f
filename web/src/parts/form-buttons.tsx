import { Button, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** The end of a form in a dialog: leave it, or send it. */
export function FormButtons({
  submit,
  pending,
  disabled = false,
  danger = false,
  onCancel,
}: {
  submit: string
  pending: boolean
  disabled?: boolean
  danger?: boolean
  onCancel: () => void
}) {
  const { t } = useTranslation()
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {t('action.cancel')}
      </Button>
      <Button type="submit" loading={pending} disabled={disabled} color={danger ? 'red' : undefined}>
        {submit}
      </Button>
    </Group>
  )
}
