/** Notifications as the bell and the page share them. */
import { type InfiniteData, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { currentLanguage } from '../i18n/i18n.ts'
import { useAction } from '../parts/actions.ts'
import { useList } from '../parts/list.ts'

type NotificationPage = Awaited<ReturnType<typeof api.notifications.listNotifications>>
export type Notification = NotificationPage['items'][number]

export const unreadKey = ['notifications', 'unread'] as const
const listKey = ['notifications', 'list'] as const

export function useUnread(): number {
  return (
    useQuery({ queryKey: unreadKey, queryFn: ({ signal }) => api.notifications.countUnread({ signal }) }).data
      ?.unread ?? 0
  )
}

/** The list, a page at a time; `unread` leaves out what has been read. */
export function useNotifications(unread: boolean) {
  const locale = currentLanguage()
  return useList({
    queryKey: [...listKey, locale, unread],
    load: (cursor, signal) =>
      api.notifications.listNotifications({
        query: { limit: 20, locale, ...(unread ? { unread } : {}), ...cursor },
        signal,
      }),
  })
}

type Pages = InfiniteData<NotificationPage, string | undefined>
const change = (pages: Pages | undefined, items: (items: readonly Notification[]) => Notification[]) =>
  pages && { ...pages, pages: pages.pages.map((page) => ({ ...page, items: items(page.items) })) }

/** What one does with notifications; the list shows it before the server has answered. */
export function useNotificationActions() {
  const client = useQueryClient()
  const edit = (items: (items: readonly Notification[]) => Notification[]) =>
    client.setQueriesData<Pages>({ queryKey: listKey }, (pages) => change(pages, items))
  const counted = ({ unread }: { unread: number }) => client.setQueryData(unreadKey, { unread })
  const readNow = (notification: Notification): Notification => ({
    ...notification,
    readAt: notification.readAt ?? new Date().toISOString(),
  })
  const onFail = () => {
    void client.invalidateQueries({ queryKey: ['notifications'] })
    return false
  }
  const read = useAction({
    run: (id: string) => {
      edit((items) => items.map((item) => (item.notificationId === id ? readNow(item) : item)))
      return api.notifications.markRead({ params: { notificationId: id } })
    },
    onDone: counted,
    onFail,
  })
  const readAll = useAction({
    run: () => {
      edit((items) => items.map(readNow))
      client.setQueryData(unreadKey, { unread: 0 })
      return api.notifications.markAllRead({ body: {} })
    },
    onDone: counted,
    onFail,
  })
  const remove = useAction({
    run: (id: string) => {
      edit((items) => items.filter((item) => item.notificationId !== id))
      return api.notifications.deleteNotification({ params: { notificationId: id } })
    },
    onDone: counted,
    onFail,
  })
  return { read, readAll, remove }
}
