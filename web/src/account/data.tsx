import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useProfile } from '../me.ts'
import { tell, useAction } from '../parts/actions.ts'
import { download } from '../parts/download.ts'
import { Page, Section } from '../parts/page.tsx'
import { proven } from '../parts/proven.ts'
import { sessionEnded } from '../session.ts'

export function MyData() {
  const { t } = useTranslation()
  const profile = useProfile().data
  const [opened, { open, close }] = useDisclosure()
  const exported = useAction({
    run: () => api.users.exportUser({ params: { userId: profile!.userId } }),
    done: t('data.exported'),
    onDone: (data) =>
      download(`pleiad-${profile!.username}.json`, 'application/json', JSON.stringify(data, null, 2)),
  })
  return (
    <Page title={t('place.data')} about={t('placeAbout.data')}>
      <Section
        title={t('data.exportTitle')}
        about={t('data.exportAbout')}
        actions={
          <Button
            variant="default"
            leftSection={<IconDownload size={18} />}
            loading={exported.isPending}
            disabled={!profile}
            onClick={() => exported.mutate()}
          >
            {t('data.export')}
          </Button>
        }
      />
      <Section
        title={t('data.deleteTitle')}
        about={t('data.deleteAbout')}
        actions={
          <Button color="red" variant="light" disabled={!profile} onClick={open}>
            {t('data.delete')}
          </Button>
        }
      />
      <Modal
        opened={opened}
        onClose={close}
        title={t('data.deleteTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {profile && <DeleteForm username={profile.username} onClose={close} />}
      </Modal>
    </Page>
  )
}

function DeleteForm({ username, onClose }: { username: string; onClose: () => void }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const remove = useAction({
    run: () => proven(() => api.auth.deleteAccount()),
    onDone: () => {
      sessionEnded(true)
      tell(t('data.deleted'))
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        remove.mutate()
      }}
    >
      <Stack>
        <Alert color="red" icon={<IconAlertTriangle size={20} />}>
          {t('data.deleteWarning')}
        </Alert>
        <TextInput
          label={t('data.deleteType', { username })}
          value={typed}
          autoComplete="off"
          data-autofocus
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" color="red" disabled={typed !== username} loading={remove.isPending}>
            {t('data.delete')}
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          {t('data.deleteProof')}
        </Text>
      </Stack>
    </form>
  )
}
