import { ActionIcon, Anchor, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconNote, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay, useMe } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { useList } from '../../parts/list.ts'
import { More } from '../../parts/more.tsx'
import { Section } from '../../parts/page.tsx'
import { Failed, Waiting } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge, onceKey } from '../api.ts'
import { type Note, officeKey } from './data.ts'
import own from './office.module.css'

/** What the office keeps in mind about a customer, or about one of their orders; the customer never sees it. */
export function Notes({ customerId, orderId }: { customerId: string; orderId?: string }) {
  const { t } = useTranslation()
  const may = useMay()
  const [removing, setRemoving] = useState<Note>()
  const queryKey = [...officeKey, 'notes', customerId, orderId]
  const { items, query } = useList({
    queryKey,
    load: (cursor, signal) =>
      forge.crm.listNotes({
        params: { customerId },
        query: { ...cursor, limit: 20, ...(orderId ? { orderId } : {}) },
        signal,
      }),
  })
  const remove = useAction({
    run: (noteId: string) => forge.crm.removeNote({ params: { noteId } }),
    refresh: [[...officeKey, 'notes', customerId]],
    onDone: () => setRemoving(undefined),
  })
  return (
    <Section title={t('office.notes.title')} about={t('office.notes.about')}>
      <Stack>
        {may('customers:manage') && <Write customerId={customerId} orderId={orderId} />}
        {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Waiting rows={2} />}
        {query.isSuccess && items.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('office.notes.none')}
          </Text>
        )}
        {items.length > 0 && (
          <ul className={own.list}>
            {items.map((note) => (
              <OneNote key={note.noteId} note={note} about={!orderId} onRemove={() => setRemoving(note)} />
            ))}
          </ul>
        )}
        <More query={query} />
      </Stack>
      <Confirm
        opened={removing !== undefined}
        title={t('office.notes.remove')}
        confirm={t('office.notes.remove')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing.noteId)}
        onClose={() => setRemoving(undefined)}
      >
        {t('office.notes.removeAbout')}
      </Confirm>
    </Section>
  )
}

function OneNote({ note, about, onRemove }: { note: Note; about: boolean; onRemove: () => void }) {
  const { t } = useTranslation()
  const mine = useMe().data?.userId === note.authorId
  return (
    <Group component="li" className={own.entry!} align="flex-start" wrap="nowrap" gap="sm">
      <IconNote size={18} stroke={1.6} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      <Stack gap={2} flex={1} miw={0}>
        <Text size="sm" className={own.text!}>
          {note.text}
        </Text>
        <Text size="xs" c="dimmed">
          {note.authorName || t('orders.by.staff')} · <When time={note.at} />
          {about && note.orderId && (
            <>
              {' · '}
              <Anchor
                inherit
                underline="always"
                renderRoot={(props) => (
                  <Link to="/forge/office/$orderId" params={{ orderId: note.orderId! }} {...props} />
                )}
              >
                {t('office.notes.toOrder')}
              </Anchor>
            </>
          )}
        </Text>
      </Stack>
      {mine && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('office.notes.removeNamed', { text: note.text.slice(0, 40) })}
          onClick={onRemove}
        >
          <IconTrash size={17} />
        </ActionIcon>
      )}
    </Group>
  )
}

function Write({ customerId, orderId }: { customerId: string; orderId: string | undefined }) {
  const { t } = useTranslation()
  const [draft, setDraft] = useState('')
  const [key, setKey] = useState(onceKey)
  const add = useAction({
    run: () =>
      forge.crm.addNote({
        params: { customerId },
        body: { text: draft.trim(), ...(orderId ? { orderId } : {}) },
        idempotencyKey: key,
      }),
    refresh: [[...officeKey, 'notes', customerId]],
    onDone: () => {
      setDraft('')
      setKey(onceKey())
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (draft.trim() !== '') add.mutate()
      }}
    >
      <Stack gap="sm">
        <Textarea
          label={t('office.notes.write')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          value={draft}
          onChange={({ currentTarget }) => setDraft(currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" variant="light" disabled={draft.trim() === ''} loading={add.isPending}>
            {t('office.notes.keep')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
