import {
  Anchor,
  Box,
  Group,
  Indicator,
  Popover,
  Stack,
  Text,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBell } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { NotificationItem } from '../notifications/item.tsx'
import { useNotificationActions, useNotifications, useUnread } from '../notifications/list.ts'
import { Waiting } from '../parts/states.tsx'
import classes from './app-layout.module.css'

/** The bell: how many are unread, live, and the newest few. */
export function Bell() {
  const { t } = useTranslation()
  const [opened, { toggle, close }] = useDisclosure()
  const unread = useUnread()
  return (
    <Popover
      opened={opened}
      onChange={(next) => !next && close()}
      position="bottom-end"
      width={380}
      shadow="md"
      trapFocus
      returnFocus
      radius="lg"
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.icon!}
          onClick={toggle}
          aria-label={t('shell.bell', { count: unread })}
          data-testid="bell"
        >
          <Indicator
            label={unread > 99 ? '99+' : unread}
            size={17}
            offset={3}
            disabled={unread === 0}
            color="iris"
            display="flex"
            aria-hidden
          >
            <IconBell size={21} stroke={1.7} />
          </Indicator>
          <VisuallyHidden aria-live="polite">
            {unread > 0 ? t('shell.bell', { count: unread }) : ''}
          </VisuallyHidden>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={8} maw="calc(100vw - 24px)" aria-label={t('place.notifications')}>
        {opened && <Newest onLeave={close} />}
      </Popover.Dropdown>
    </Popover>
  )
}

function Newest({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation()
  const list = useNotifications(false)
  const { read, readAll } = useNotificationActions()
  const items = list.items.slice(0, 5)
  return (
    <Stack gap={4}>
      <Group justify="space-between" px={8} py={4}>
        <Text fw={600}>{t('place.notifications')}</Text>
        <Anchor component="button" type="button" size="sm" onClick={() => readAll.mutate()}>
          {t('notifications.readAll')}
        </Anchor>
      </Group>
      {list.query.isPending && <Waiting rows={2} height={64} />}
      {list.query.data && items.length === 0 && (
        <Text c="dimmed" size="sm" ta="center" py="lg">
          {t('notifications.none')}
        </Text>
      )}
      <Box component="ul" m={0} p={0}>
        {items.map((notification) => (
          <NotificationItem
            key={notification.notificationId}
            notification={notification}
            onOpen={(id) => {
              read.mutate(id)
              onLeave()
            }}
          />
        ))}
      </Box>
      <Anchor
        size="sm"
        ta="center"
        py={6}
        onClick={onLeave}
        renderRoot={(props) => <Link to="/notifications" {...props} />}
      >
        {t('notifications.showAll')}
      </Anchor>
    </Stack>
  )
}
