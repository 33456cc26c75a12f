import { ActionIcon, Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { startRegistration } from '@simplewebauthn/browser'
import { IconFingerprint, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { meKey } from '../me.ts'
import { tell, useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { deviceOf } from '../parts/device.ts'
import { Section } from '../parts/page.tsx'
import { proven } from '../parts/proven.ts'
import { Row } from '../parts/row.tsx'
import { Empty, Loaded, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'

type Passkey = Awaited<ReturnType<typeof api.auth.listPasskeys>>['items'][number]
const key = ['auth', 'passkeys'] as const

export function Passkeys() {
  const { t } = useTranslation()
  const passkeys = useQuery({ queryKey: key, queryFn: ({ signal }) => api.auth.listPasskeys({ signal }) })
  const [renaming, setRenaming] = useState<Passkey>()
  const [removing, setRemoving] = useState<Passkey>()
  const add = useAction({
    run: async () => {
      const { flowId, options } = await proven(() => api.auth.startPasskeyRegistration())
      const response = await startRegistration({ optionsJSON: options as never })
      const name = deviceOf(navigator.userAgent, t('passkey.unnamed')).name
      return api.auth.registerPasskey({ body: { flowId, name, response: { ...response } } })
    },
    done: t('passkey.added'),
    refresh: [key, meKey],
    onDone: setRenaming,
    onFail: (error) => {
      if (!(error instanceof Error) || !['NotAllowedError', 'InvalidStateError'].includes(error.name))
        return false
      tell(t(error.name === 'InvalidStateError' ? 'errors.passkeyKnown' : 'passkey.cancelled'))
      return true
    },
  })
  const remove = useAction({
    run: (passkey: Passkey) => proven(() => api.auth.deletePasskey({ params: { passkeyId: passkey.id } })),
    done: t('passkey.removed'),
    refresh: [key, meKey],
    onDone: () => setRemoving(undefined),
  })
  return (
    <Section
      title={t('passkey.title')}
      about={t('passkey.about')}
      actions={
        <Button
          leftSection={<IconPlus size={18} />}
          variant="default"
          loading={add.isPending}
          onClick={() => add.mutate()}
        >
          {t('passkey.add')}
        </Button>
      }
    >
      <Loaded query={passkeys} waiting={<Waiting rows={1} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={IconFingerprint} title={t('passkey.none')}>
              {t('passkey.noneAbout')}
            </Empty>
          ) : (
            <Stack gap={0} component="ul" m={0} p={0}>
              {items.map((passkey) => (
                <Row
                  key={passkey.id}
                  icon={IconFingerprint}
                  title={
                    <Group gap={8}>
                      <Text fw={560}>{passkey.name}</Text>
                      {passkey.backedUp && <Badge color="gray">{t('passkey.synced')}</Badge>}
                    </Group>
                  }
                  about={
                    <>
                      {t('item.created')} <When time={passkey.createdAt} />
                      {' · '}
                      {passkey.lastUsedAt ? (
                        <>
                          {t('item.used')} <When time={passkey.lastUsedAt} />
                        </>
                      ) : (
                        t('item.neverUsed')
                      )}
                    </>
                  }
                >
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="lg"
                    aria-label={t('passkey.renameNamed', { name: passkey.name })}
                    onClick={() => setRenaming(passkey)}
                  >
                    <IconPencil size={18} stroke={1.7} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    size="lg"
                    aria-label={t('passkey.removeNamed', { name: passkey.name })}
                    onClick={() => setRemoving(passkey)}
                  >
                    <IconTrash size={18} stroke={1.7} />
                  </ActionIcon>
                </Row>
              ))}
            </Stack>
          )
        }
      </Loaded>
      <Modal
        opened={renaming !== undefined}
        onClose={() => setRenaming(undefined)}
        title={t('passkey.rename')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {renaming && <Rename passkey={renaming} onDone={() => setRenaming(undefined)} />}
      </Modal>
      <Confirm
        opened={removing !== undefined}
        title={t('passkey.remove')}
        confirm={t('passkey.remove')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing)}
        onClose={() => setRemoving(undefined)}
      >
        {t('passkey.removeAbout', { name: removing?.name ?? '' })}
      </Confirm>
    </Section>
  )
}

function Rename({ passkey, onDone }: { passkey: Passkey; onDone: () => void }) {
  const { t } = useTranslation()
  const [name, setName] = useState(passkey.name)
  const rename = useAction({
    run: () => api.auth.renamePasskey({ params: { passkeyId: passkey.id }, body: { name: name.trim() } }),
    refresh: [key],
    onDone,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        rename.mutate()
      }}
    >
      <Stack>
        <TextInput
          label={t('field.name')}
          value={name}
          maxLength={60}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={rename.isPending} disabled={name.trim() === ''}>
          {t('action.save')}
        </Button>
      </Stack>
    </form>
  )
}
