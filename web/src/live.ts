/** What arrives live: the unread count and new notifications, in every open tab. */
import type { notifications } from '@pleiad/notifications/contract'
import { connectRealtime, type RealtimeClient } from '@pleiad/platform/realtime-client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { unreadKey } from './notifications/list.ts'
import { ensureFresh } from './session.ts'

/** The server announces the end of a token a minute before; a token that lasts less than this is renewed first. */
const LEAD_MS = 90_000
const topic = 'notifications.changed' satisfies keyof (typeof notifications)['topics']

/** Keeps the live connection while the app's frame is shown. */
export function useLive(): void {
  const client = useQueryClient()
  useEffect(() => {
    let left = false
    let live: RealtimeClient | undefined
    const reload = () => void client.invalidateQueries({ queryKey: ['notifications'] })
    void ensureFresh(LEAD_MS).then((signedIn) => {
      if (left || !signedIn) return
      live = connectRealtime({ refresh: () => ensureFresh(LEAD_MS), onReset: reload })
      live.on(topic, (data) => {
        if (typeof data === 'object' && data !== null && 'unread' in data)
          client.setQueryData(unreadKey, { unread: Number(data.unread) })
        void client.invalidateQueries({ queryKey: ['notifications', 'list'] })
      })
    })
    return () => {
      left = true
      live?.close()
    }
  }, [client])
}
