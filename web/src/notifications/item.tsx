import { ActionIcon, Box, Group, Text, ThemeIcon } from '@mantine/core'
import { IconBell, IconShieldExclamation, IconTrash } from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { When } from '../parts/time.tsx'
import classes from './item.module.css'
import type { Notification } from './list.ts'

/** One notification; opening it marks it as read and leads to what it is about. */
export function NotificationItem({
  notification,
  onOpen,
  onRemove,
}: {
  notification: Notification
  onOpen: (id: string) => void
  onRemove?: (id: string) => void
}) {
  const { t } = useTranslation()
  const router = useRouter()
  const Icon = notification.important ? IconShieldExclamation : IconBell
  const open = () => {
    if (!notification.readAt) onOpen(notification.notificationId)
    if (notification.link?.startsWith('/')) router.history.push(notification.link)
  }
  return (
    <Group
      component="li"
      className={classes.item}
      data-unread={!notification.readAt || undefined}
      wrap="nowrap"
      align="flex-start"
      gap="md"
    >
      <ThemeIcon variant="light" color={notification.important ? 'yellow' : 'iris'} size={38} radius="md">
        <Icon size={20} stroke={1.7} />
      </ThemeIcon>
      <Box flex={1} miw={0}>
        <button type="button" className={classes.open} onClick={open}>
          <span className={classes.title}>{notification.title}</span>
          {!notification.readAt && (
            <span className={classes.dot} role="img" aria-label={t('notifications.unread')} />
          )}
        </button>
        {notification.body && (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {notification.body}
          </Text>
        )}
        <Text size="xs" c="dimmed" mt={2}>
          <When time={notification.createdAt} />
        </Text>
      </Box>
      {onRemove && (
        <ActionIcon
          className={classes.remove!}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('notifications.removeNamed', { title: notification.title })}
          onClick={() => onRemove(notification.notificationId)}
        >
          <IconTrash size={18} stroke={1.7} />
        </ActionIcon>
      )}
    </Group>
  )
}
