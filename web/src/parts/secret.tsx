import { Alert, Button, CopyButton, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** A button that copies `value` and says so. */
export function Copy({ value, label }: { value: string; label?: string }) {
  const { t } = useTranslation()
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          variant={label ? 'default' : 'filled'}
          size={label ? 'compact-sm' : 'sm'}
          leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          aria-label={label}
          onClick={copy}
        >
          {t(copied ? 'action.copied' : 'action.copy')}
        </Button>
      )}
    </CopyButton>
  )
}

/** A secret that can be seen only now. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Stack>
      <Alert color="yellow" title={t('token.onceTitle')}>
        {t('token.onceAbout')}
      </Alert>
      <Text className="mono wrap-anywhere panel" p="sm" data-testid="token-secret">
        {secret}
      </Text>
      <Group grow>
        <Copy value={secret} />
        <Button variant="default" onClick={onClose}>
          {t('action.done')}
        </Button>
      </Group>
    </Stack>
  )
}
