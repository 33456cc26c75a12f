import { Button, Checkbox, CopyButton, Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { download } from '../parts/download.ts'

/** Recovery codes, shown this once: the dialog closes only after the person says that they are kept. */
export function RecoveryCodes({
  codes,
  onClose,
}: {
  codes: readonly string[] | undefined
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [kept, setKept] = useState(false)
  const text = codes?.join('\n') ?? ''
  const close = () => {
    setKept(false)
    onClose()
  }
  return (
    <Modal
      opened={codes !== undefined}
      onClose={close}
      title={t('codes.title')}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack>
        <Text size="sm">{t('codes.about')}</Text>
        <SimpleGrid
          cols={2}
          spacing="xs"
          className="panel"
          p="md"
          component="ul"
          m={0}
          style={{ listStyle: 'none' }}
        >
          {codes?.map((code) => (
            <Text key={code} component="li" className="mono" ta="center">
              {code}
            </Text>
          ))}
        </SimpleGrid>
        <Group grow>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                onClick={copy}
              >
                {t(copied ? 'action.copied' : 'action.copy')}
              </Button>
            )}
          </CopyButton>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => download('pleiad-recovery-codes.txt', 'text/plain', `${text}\n`)}
          >
            {t('action.download')}
          </Button>
        </Group>
        <Checkbox
          label={t('codes.kept')}
          checked={kept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
        <Button disabled={!kept} onClick={close}>
          {t('action.done')}
        </Button>
      </Stack>
    </Modal>
  )
}
