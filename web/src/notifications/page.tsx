import { Box, Button, SegmentedControl, Stack } from '@mantine/core'
import { IconBellOff, IconChecks } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { More } from '../parts/more.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Failed, Waiting } from '../parts/states.tsx'
import { NotificationItem } from './item.tsx'
import { useNotificationActions, useNotifications, useUnread } from './list.ts'

export function NotificationsPage() {
  const { t } = useTranslation()
  const [shown, setShown] = useState('all')
  const list = useNotifications(shown === 'unread')
  const unread = useUnread()
  const { read, readAll, remove } = useNotificationActions()
  const items = list.data?.pages.flatMap((page) => page.items)
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
      <Box component="section" className="panel" p={8}>
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Waiting height={72} />}
        {items?.length === 0 && (
          <Empty icon={IconBellOff} title={t('notifications.none')}>
            {t('notifications.noneAbout')}
          </Empty>
        )}
        <Stack component="ul" gap={4} m={0} p={0}>
          {items?.map((notification) => (
            <NotificationItem
              key={notification.notificationId}
              notification={notification}
              onOpen={read.mutate}
              onRemove={remove.mutate}
            />
          ))}
        </Stack>
      </Box>
      <More query={list} />
    </Page>
  )
}
