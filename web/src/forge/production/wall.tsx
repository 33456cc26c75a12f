import { Box } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../../live.ts'
import { useMay } from '../../me.ts'
import { useTitle } from '../../parts/page.tsx'
import { relativeTime } from '../../parts/time.tsx'
import { type Card, cardsOf, columns, type Group } from './columns.ts'
import { boardQuery, useLooks, useProductionLive, useViewer } from './data.ts'
import { Needs } from './production.tsx'
import classes from './wall.module.css'

/** How many cards of a column fit on a screen of 16:9. */
const FITS = 6
const LOOKS_MS = 5000
/** After this long without an answer what is shown may be wrong. */
const OLD_MS = 15_000

/** The board for a screen on the wall: large, without anything to press, and it never gives up. */
export function WallPage() {
  useLive()
  if (useMay()('production:work')) return <Wall />
  return (
    <Box component="main" p="lg">
      <Needs permission="production:work">{null}</Needs>
    </Box>
  )
}

function Wall() {
  const { t } = useTranslation()
  const { assigns } = useViewer()
  const now = useNow()
  useTitle(t('production.wall.title'))
  useProductionLive()
  useScreenOn()
  const board = useQuery({
    ...boardQuery,
    refetchInterval: Math.min(useLooks(), LOOKS_MS),
    refetchIntervalInBackground: true,
    retry: false,
  })
  const { data, dataUpdatedAt } = board
  const lost = board.isError || (dataUpdatedAt > 0 && now.getTime() - dataUpdatedAt > OLD_MS)
  return (
    <main className={classes.wall}>
      <header className={classes.head}>
        <h1>{t('production.wall.title')}</h1>
        <Time now={now} />
      </header>
      <div role="status" className={classes.status} data-lost={lost || undefined}>
        {lost
          ? data
            ? t('production.wall.lostSince', { time: clock(new Date(dataUpdatedAt)) })
            : t('production.wall.lost')
          : data
            ? t(assigns ? 'production.wall.live' : 'production.wall.liveOwn')
            : t('state.loading')}
      </div>
      {data && <Columns cards={cardsOf(data, undefined, false)} now={now} />}
    </main>
  )
}

function Columns({ cards, now }: { cards: Readonly<Record<Group, readonly Card[]>>; now: Date }) {
  const { t } = useTranslation()
  return (
    <div className={classes.columns}>
      {columns.map(({ name, groups }) => {
        const all = groups.flatMap((group) => cards[group].map((card) => ({ card, group })))
        const shown = all.length > FITS ? all.slice(0, FITS - 1) : all
        return (
          <section key={name} className={classes.column} aria-labelledby={`wall-${name}`}>
            <h2 id={`wall-${name}`}>
              {t(`production.column.${name}`)}
              <span className={classes.count}>{all.length}</span>
            </h2>
            <ul>
              {shown.map(({ card, group }) => (
                <Item key={card.id} card={card} group={group} now={now} />
              ))}
            </ul>
            {all.length > shown.length && (
              <p className={classes.more}>
                {t('production.wall.more', { count: all.length - shown.length })}
              </p>
            )}
          </section>
        )
      })}
    </div>
  )
}

function Item({ card, group, now }: { card: Card; group: Group; now: Date }) {
  const { t, i18n } = useTranslation()
  const late = new Date(card.dueAt) < now
  const title = card.kind === 'work' ? `${card.work.quantity} × ${card.work.name}` : card.order.number
  const about =
    card.kind === 'work'
      ? [
          group === 'paused' && t('production.group.paused'),
          card.work.machineName,
          card.work.operatorName,
          // Who makes it says more from afar.
          !card.work.operatorName && card.work.orderNumber,
        ]
      : [
          group !== 'qualityCheck' && t(`production.group.${group}`),
          t('production.works', { count: card.order.works }),
        ]
  return (
    <li className={classes.item} data-late={late || undefined} data-group={group}>
      <div className={classes.title}>{title}</div>
      <div className={classes.about}>
        <span>{about.filter(Boolean).join(' · ')}</span>
        <strong>
          {late ? t('production.late') : relativeTime(new Date(card.dueAt), now, i18n.language)}
        </strong>
      </div>
    </li>
  )
}

function Time({ now }: { now: Date }) {
  return <time dateTime={now.toISOString().slice(0, 16)}>{clock(now)}</time>
}

const clock = (time: Date) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short' }).format(time)

function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Keeps the screen from going dark, where the browser can; it forgets that whenever the page was hidden. */
function useScreenOn(): void {
  useEffect(() => {
    let lock: { release: () => Promise<void> } | undefined
    let left = false
    const hold = async () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
      try {
        const held = await navigator.wakeLock.request('screen')
        if (left) void held.release()
        else lock = held
      } catch {
        // A device that saves its battery says no; the wall works without.
      }
    }
    void hold()
    document.addEventListener('visibilitychange', hold)
    return () => {
      left = true
      document.removeEventListener('visibilitychange', hold)
      void lock?.release()
    }
  }, [])
}
