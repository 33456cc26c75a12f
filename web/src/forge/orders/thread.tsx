import { Box, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useIsLive, useTopic } from '../../live.ts'
import { useAction } from '../../parts/actions.ts'
import { useList } from '../../parts/list.ts'
import { More } from '../../parts/more.tsx'
import { Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Failed, Waiting } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge, onceKey } from '../api.ts'
import type { Message } from './data.ts'
import classes from './thread.module.css'

const WAITS = 20

/** The office hears of messages on a topic of its own; without the live connection it looks by itself. */
const UNTOLD_MS = 4000
const TOLD_MS = 60_000

/** What the customer and the office write to each other about an order, live; `side` says who reads. */
export function Thread({ orderId, side = 'customer' }: { orderId: string; side?: 'customer' | 'staff' }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const queryKey = ['forge', 'messages', orderId]
  useTopic('order-messages', () => void client.invalidateQueries({ queryKey }))
  const looks = useIsLive() ? TOLD_MS : UNTOLD_MS
  const [waits, setWaits] = useState(0)
  const { items, query } = useList({
    queryKey,
    load: async (cursor, signal) => {
      try {
        return await forge.crm.listMessages({ params: { orderId }, query: { ...cursor, limit: 50 }, signal })
      } catch (error) {
        // The office hears of an order a moment after the shop: its thread begins then.
        if (!isProblem(error, 'notFound') || waits > WAITS) throw error
        setWaits(waits + 1)
        return { items: [] }
      }
    },
    ...(waits > 0 && waits <= WAITS ? { every: 1000 } : side === 'staff' ? { every: looks } : {}),
  })
  const newest = items[0]
  const unread = side === 'staff' && newest?.from === 'customer' ? newest.at : undefined
  useEffect(() => {
    if (!unread) return
    void forge.crm
      .markRead({ params: { orderId }, body: { until: unread } })
      .then(() => client.invalidateQueries({ queryKey: ['forge', 'office', 'inbox'] }))
      .catch(() => {})
  }, [orderId, unread, client])
  return (
    <Section
      title={t('orders.thread.title')}
      about={t(side === 'staff' ? 'orders.thread.aboutStaff' : 'orders.thread.about')}
    >
      <Stack>
        {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Waiting rows={2} />}
        <More query={query} />
        {items.length === 0 && query.isSuccess && (
          <Text size="sm" c="dimmed">
            {t('orders.thread.none')}
          </Text>
        )}
        <ol className={classes.messages} aria-live="polite" aria-label={t('orders.thread.title')}>
          {[...items].reverse().map((message) => (
            <Bubble key={message.messageId} message={message} side={side} />
          ))}
        </ol>
        <Write orderId={orderId} queryKey={queryKey} />
      </Stack>
    </Section>
  )
}

function Bubble({ message, side }: { message: Message; side: 'customer' | 'staff' }) {
  const { t } = useTranslation()
  const mine = message.from === side
  return (
    <Box component="li" className={classes.message} data-mine={mine || undefined}>
      <Text size="xs" c="dimmed">
        {side === 'staff'
          ? message.authorName || t(`orders.by.${message.from}`)
          : mine
            ? t('orders.thread.you')
            : t('orders.thread.office', { name: message.authorName })}{' '}
        · <When time={message.at} />
      </Text>
      <Text size="sm" className={classes.text!}>
        {message.text}
      </Text>
    </Box>
  )
}

function Write({ orderId, queryKey }: { orderId: string; queryKey: readonly unknown[] }) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState('')
  const [key, setKey] = useState(onceKey)
  const send = useAction({
    run: () =>
      forge.crm.sendMessage({ params: { orderId }, body: { text: draft.trim() }, idempotencyKey: key }),
    refresh: [queryKey],
    onDone: () => {
      setDraft('')
      setKey(onceKey())
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (draft.trim() !== '') send.mutate()
      }}
    >
      <Stack gap="sm">
        <Textarea
          label={t('orders.thread.write')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          value={draft}
          onChange={({ currentTarget }) => setDraft(currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button
            type="submit"
            variant="light"
            leftSection={<IconSend size={17} />}
            disabled={draft.trim() === ''}
            loading={send.isPending}
          >
            {t('orders.thread.send')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
