import { Badge, Group, Text, UnstyledButton } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { PrintOptions } from '../shop/data.ts'
import { useOptionsWords } from '../shop/options-words.ts'
import { duration, number } from '../words.ts'
import classes from './board.module.css'
import { Due, isLate } from './card-parts.tsx'
import type { ColumnName } from './columns.ts'
import { useViewer, type Work } from './data.ts'
import { WorkActions } from './work-actions.tsx'

/** How a work is made, in one line; `options` is the shop's, and production does not look into it. */
export function useHow(): (work: Work) => string {
  const { t } = useTranslation()
  const words = useOptionsWords()
  return ({ technique, options, sku }) =>
    technique === 'pick'
      ? [t('production.technique.pick'), sku].filter(Boolean).join(' · ')
      : options
        ? words(options as PrintOptions)
        : t(`production.technique.${technique}`)
}

/** A work that was moved here just now: its card takes the focus where it comes up again, for those who use the keyboard. */
let moved: string | undefined

/** One work on the board: what it is, whose, and the next step as a button. */
export function WorkCard({
  work,
  onOpen,
  onMove,
}: {
  work: Work
  onOpen: () => void
  onMove: (column: ColumnName) => void
}) {
  const { t } = useTranslation()
  const how = useHow()
  const { operator } = useViewer()
  const card = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (moved !== work.workId) return
    moved = undefined
    card.current?.querySelector('button')?.focus({ preventScroll: true })
  }, [work.workId])
  const mine = operator !== undefined && work.operatorId === operator.operatorId
  const where = [mine ? t('production.you') : work.operatorName, work.machineName].filter(Boolean)
  return (
    <li
      ref={card}
      className={classes.card}
      data-mine={mine || undefined}
      data-late={isLate(work.dueAt) || undefined}
      data-work={work.workId}
    >
      <div>
        <Group gap={6} mb={2}>
          <Text size="sm" c="dimmed" className="numbers">
            {work.orderNumber}
          </Text>
          {work.remakeOf && <Badge color="yellow">{t('production.remake')}</Badge>}
        </Group>
        <UnstyledButton className={classes.name!} onClick={onOpen}>
          {work.quantity} × {work.name}
        </UnstyledButton>
      </div>
      <Text size="sm" c="dimmed" className="wrap-anywhere">
        {how(work)}
      </Text>
      {work.technique !== 'pick' && (
        <Text size="sm" c="dimmed">
          {duration(work.machineSeconds)} · {t('production.grams', { grams: number(work.materialG, 0) })}
        </Text>
      )}
      {where.length > 0 && (
        <Text size="sm" fw={mine ? 600 : undefined}>
          {where.join(' · ')}
        </Text>
      )}
      {work.state === 'paused' && work.pauseReason && (
        <Text size="sm" className="wrap-anywhere">
          {t('production.pausedBecause', { reason: work.pauseReason })}
        </Text>
      )}
      {work.scrapped > 0 && <Text size="sm">{t('production.scrapped', { count: work.scrapped })}</Text>}
      {work.note && (
        <Text size="sm" className="wrap-anywhere">
          {t('production.noteOfOffice', { note: work.note })}
        </Text>
      )}
      <Due dueAt={work.dueAt} />
      <WorkActions
        work={work}
        onMove={(column) => {
          moved = work.workId
          if (column) onMove(column)
        }}
      />
    </li>
  )
}
