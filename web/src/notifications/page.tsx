import { Button, SegmentedControl, Stack } from '@mantine/core'
import { IconBellOff, IconChecks } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { NotificationItem } from './item.tsx'
import { useNotificationActions, useNotifications, useUnread } from './list.ts'

export function NotificationsPage() {
  const { t } = useTranslation()
  const [shown, setShown] = useState('all')
  const list = useNotifications(shown === 'unread')
  const unread = useUnread()
  const { read, readAll, remove } = useNotificationActions()
  return (
    <Page
      title={t('place.notifications')}
      about={t('placeAbout.notifications')}
      actions={
        unread > 0 && (
          <Button
            variant="default"
            leftSection={<IconChecks size={18} />}
            loading={readAll.isPending}
            onClick={() => readAll.mutate()}
          >
            {t('notifications.readAll')}
          </Button>
        )
      }
    >
      <SegmentedControl
        w="fit-content"
        aria-label={t('notifications.filter')}
        value={shown}
        onChange={setShown}
        data={[
          { value: 'all', label: t('notifications.all') },
          { value: 'unread', label: t('notifications.onlyUnread', { count: unread }) },
        ]}
      />
      <ListPanel
        list={list}
        waiting={<Waiting height={72} />}
        empty={
          <Empty
            icon={IconBellOff}
            title={t('notifications.none')}
            action={
              shown === 'unread' && (
                <Button variant="default" onClick={() => setShown('all')}>
                  {t('notifications.showAll')}
                </Button>
              )
            }
          >
            {t('notifications.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <Stack component="ul" gap={4} m={0} p={8}>
            {items.map((notification) => (
              <NotificationItem
                key={notification.notificationId}
                notification={notification}
                onOpen={read.mutate}
                onRemove={remove.mutate}
              />
            ))}
          </Stack>
        )}
      </ListPanel>
    </Page>
  )
}
