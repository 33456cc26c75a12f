import { Badge, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { ItemMenu } from '../parts/item-menu.tsx'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { CreateKey } from './create-key.tsx'
import { useMayConfigure, usePlace } from './project.ts'
import { Rotate } from './rotate.tsx'

type Key = Awaited<ReturnType<typeof atlas.projects.listKeys>>['items'][number]

/** Keys of programs, of the chosen environment. */
export function Keys() {
  const { t } = useTranslation()
  const { projectId, environment } = usePlace()
  const may = useMayConfigure()
  const [creating, setCreating] = useState(false)
  const [rotating, setRotating] = useState<Key>()
  const [revoking, setRevoking] = useState<Key>()
  const queryKey = ['projects', 'keys', projectId, environment]
  const list = useList({
    queryKey,
    load: (cursor, signal) =>
      atlas.projects.listKeys({ params: { projectId }, query: { environment, ...cursor }, signal }),
  })
  const revoke = useAction({
    run: ({ keyId }: Key) => atlas.projects.revokeKey({ params: { projectId, keyId } }),
    done: t('atlas.keys.revoked'),
    refresh: [queryKey],
    onDone: () => setRevoking(undefined),
  })
  const create = may && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
      {t('atlas.keys.create')}
    </Button>
  )
  return (
    <Page
      wide
      title={t('atlas.tab.keys')}
      about={t('atlas.keys.about')}
      actions={list.items.length > 0 && create}
    >
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconKey} title={t('atlas.keys.none')} action={create}>
            {t('atlas.keys.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(key) => key.keyId}
            columns={[
              { title: t('field.name'), cell: (key) => <KeyName item={key} /> },
              {
                title: t('atlas.keys.used'),
                from: 'sm',
                cell: (key) => (key.lastUsedAt ? <When time={key.lastUsedAt} /> : t('item.neverUsed')),
              },
              {
                title: t('atlas.keys.ends'),
                from: 'md',
                cell: (key) => (key.expiresAt ? <When time={key.expiresAt} /> : t('token.never')),
              },
              ...(may
                ? [
                    {
                      title: t('atlas.actions'),
                      cell: (key: Key) => (
                        <ItemMenu label={t('atlas.keys.menu', { name: key.name })}>
                          <Menu.Item onClick={() => setRotating(key)}>{t('atlas.keys.rotate')}</Menu.Item>
                          <Menu.Item color="red" onClick={() => setRevoking(key)}>
                            {t('token.revoke')}
                          </Menu.Item>
                        </ItemMenu>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </ListPanel>
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title={t('atlas.keys.create')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {creating && <CreateKey refresh={queryKey} onClose={() => setCreating(false)} />}
      </Modal>
      <Modal
        opened={rotating !== undefined}
        onClose={() => setRotating(undefined)}
        title={t('atlas.keys.rotate')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {rotating && (
          <Rotate
            about={t('atlas.keys.rotateAbout', { name: rotating.name })}
            confirm={t('atlas.keys.rotate')}
            run={(overlapSeconds) =>
              atlas.projects.rotateKey({
                params: { projectId, keyId: rotating.keyId },
                body: { overlapSeconds },
              })
            }
            refresh={queryKey}
            onClose={() => setRotating(undefined)}
          />
        )}
      </Modal>
      <Confirm
        opened={revoking !== undefined}
        title={t('token.revoke')}
        confirm={t('token.revoke')}
        pending={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking)}
        onClose={() => setRevoking(undefined)}
      >
        {t('atlas.keys.revokeAbout', { name: revoking?.name ?? '' })}
      </Confirm>
    </Page>
  )
}

function KeyName({ item }: { item: Key }) {
  const { t } = useTranslation()
  return (
    <Stack gap={4}>
      <Group gap={8}>
        <Text fw={560} className="wrap-anywhere">
          {item.name}
        </Text>
        <Text c="dimmed" size="sm" className="mono">
          {item.hint}…
        </Text>
      </Group>
      <Group gap={4}>
        {item.scopes.map((scope) => (
          <Badge key={scope} color="gray">
            {scope}
          </Badge>
        ))}
      </Group>
      {item.previousUntil && Date.parse(item.previousUntil) > Date.now() && (
        <Text size="sm" c="dimmed">
          {t('atlas.keys.previousUntil')} <When time={item.previousUntil} />
        </Text>
      )}
    </Stack>
  )
}
