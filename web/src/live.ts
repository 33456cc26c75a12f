/** What arrives live: the unread count and new notifications in every open tab, and what the page shown asks for. */
import type { notifications } from '@pleiad/notifications/contract'
import { connectRealtime, type RealtimeClient } from '@pleiad/platform/realtime-client'
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { api } from './api.ts'
import { unreadKey } from './notifications/list.ts'
import { ensureFresh, isSignedIn } from './session.ts'

/** The server announces the end of a token a minute before; a token that lasts less than this is renewed first. */
const LEAD_MS = 90_000
const topic = 'notifications.changed' satisfies keyof (typeof notifications)['topics']

interface Wish {
  readonly topic: string
  readonly receive: (data: unknown) => void
  stop?: () => void
}
/** The one connection of this tab, and what pages want of it; they may want before it is there. */
let live: RealtimeClient | undefined
const wishes = new Set<Wish>()
/** Pages load what changed at most this often, however much happens; what is shown is never older than this and a request. */
const PAUSE_MS = 200
/** By topic: the latest word of what is being loaded, and whether it came too late for that. */
const loads = new Map<string, { readonly word: unknown; readonly again: boolean }>()
const watchers = new Set<() => void>()

function watch(changed: () => void): () => void {
  watchers.add(changed)
  return () => watchers.delete(changed)
}
const isOpen = () => live?.state() === 'open'
const stateChanged = () => {
  for (const changed of watchers) changed()
}

function subscribe(wish: Wish): void {
  wish.stop = live?.on(wish.topic, wish.receive)
}

/** Keeps the live connection while the app's frame is shown. */
export function useLive(): void {
  const client = useQueryClient()
  useEffect(() => {
    let left = false
    let mine: RealtimeClient | undefined
    const reset = () => {
      void client.invalidateQueries({ queryKey: ['notifications'] })
      // Something was missed: each page asks anew.
      for (const { receive } of wishes) receive(undefined)
    }
    void ensureFresh(LEAD_MS).then((signedIn) => {
      if (left || !signedIn) return
      mine = connectRealtime({ refresh: stillSignedIn, onReset: reset, onState: stateChanged })
      live = mine
      mine.on(topic, (data) => {
        if (typeof data === 'object' && data !== null && 'unread' in data)
          client.setQueryData(unreadKey, { unread: Number(data.unread) })
        void client.invalidateQueries({ queryKey: ['notifications', 'list'] })
      })
      for (const wish of wishes) subscribe(wish)
    })
    return () => {
      left = true
      mine?.close()
      if (live === mine) live = undefined
      stateChanged()
    }
  }, [client])
}

/**
 * Calls `receive` with each event of a contract's topic while the page is shown; with `undefined` when events were missed,
 * so that it asks for everything anew.
 */
export function useTopic(name: string, receive: (data: unknown) => void): void {
  const latest = useRef(receive)
  latest.current = receive
  useEffect(() => {
    const wish: Wish = { topic: name, receive: (data) => latest.current(data) }
    wishes.add(wish)
    subscribe(wish)
    return () => {
      wishes.delete(wish)
      wish.stop?.()
    }
  }, [name])
}

/** Whether what is pushed comes; while it does not, pages have to ask by themselves. */
export function useIsLive(): boolean {
  return useSyncExternalStore(watch, isOpen)
}

/**
 * Loads what is kept under the keys anew when the topic tells of something. What comes while that runs is asked for once
 * more when it is done: were each word to begin anew, a busy workshop's page would never get an answer.
 */
export function useStaleBy(name: string, keys: readonly QueryKey[]): void {
  const client = useQueryClient()
  useTopic(name, async (word) => {
    const known = loads.get(name)
    if (known) {
      // Each part of a page that listens hears the same word.
      if (word === undefined || known.word !== word) loads.set(name, { word, again: true })
      return
    }
    do {
      loads.set(name, { word: loads.get(name)?.word ?? word, again: false })
      await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    } while (loads.get(name)?.again)
    loads.delete(name)
  })
}

/**
 * Whether there is a session still, after the connection ended: renews a token that ends soon, and asks the server, as
 * the session may have been revoked elsewhere. A refusal ends it here too (`session.ts`), and the person sees the door.
 */
async function stillSignedIn(): Promise<boolean> {
  if (!(await ensureFresh(LEAD_MS))) return false
  await api.auth.getMe().catch(() => {})
  return isSignedIn()
}
