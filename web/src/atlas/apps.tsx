import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconAppWindow, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../parts/item-table.tsx'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { AppDetails } from './app-details.tsx'
import { AppForm } from './app-form.tsx'
import { useApps } from './app-list.ts'
import { useMayConfigure } from './project.ts'

export function Apps() {
  const { t } = useTranslation()
  const may = useMayConfigure()
  const list = useApps()
  const [adding, setAdding] = useState(false)
  const [openedId, setOpenedId] = useState<string>()
  // Read from the list, so that a change shows at once.
  const opened = list.items.find(({ appId }) => appId === openedId)
  const add = may && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
      {t('atlas.apps.add')}
    </Button>
  )
  return (
    <Page
      wide
      title={t('atlas.tab.apps')}
      about={t('atlas.apps.about')}
      actions={list.items.length > 0 && add}
    >
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconAppWindow} title={t('atlas.apps.none')} action={add}>
            {t('atlas.apps.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(app) => app.appId}
            onOpen={(app) => setOpenedId(app.appId)}
            columns={[
              {
                title: t('field.name'),
                cell: (app) => (
                  <Stack gap={0}>
                    <Text fw={560} className="wrap-anywhere">
                      {app.name}
                    </Text>
                    <Text size="sm" c="dimmed" className="mono wrap-anywhere">
                      {app.appId}
                    </Text>
                  </Stack>
                ),
              },
              {
                title: t('atlas.apps.kind'),
                from: 'sm',
                cell: (app) => <Badge color="gray">{t(`atlas.apps.kinds.${app.kind}`)}</Badge>,
              },
              {
                title: t('atlas.projects.since'),
                from: 'md',
                cell: (app) => <When time={app.createdAt} />,
              },
            ]}
          />
        )}
      </ListPanel>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        size="lg"
        title={t('atlas.apps.add')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {adding && <AppForm onClose={() => setAdding(false)} />}
      </Modal>
      <SidePanel
        opened={opened !== undefined}
        title={
          <Group gap={8}>
            {opened?.name}
            {opened && <Badge color="gray">{t(`atlas.apps.kinds.${opened.kind}`)}</Badge>}
          </Group>
        }
        size={640}
        onClose={() => setOpenedId(undefined)}
      >
        {opened && <AppDetails key={opened.appId} app={opened} onGone={() => setOpenedId(undefined)} />}
      </SidePanel>
    </Page>
  )
}
