import { Modal, Select, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.ts'
import { useMay, useMe, useProfile } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge, onceKey } from '../api.ts'
import { type Task, tasksKey } from './data.ts'
import { dayOf, endOfDay } from './days.ts'

interface About {
  readonly orderId?: string
  readonly customerId?: string
}

/** A new task, or one that is changed. */
export function TaskDialog({
  opened,
  task,
  about = {},
  onClose,
}: {
  opened: boolean
  task?: Task | undefined
  about?: About
  onClose: () => void
}) {
  const { t } = useTranslation()
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t(task ? 'office.tasks.change' : 'office.tasks.add')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && <TaskForm task={task} about={about} onClose={onClose} />}
    </Modal>
  )
}

function TaskForm({ task, about, onClose }: { task: Task | undefined; about: About; onClose: () => void }) {
  const { t } = useTranslation()
  const [key] = useState(onceKey)
  const [title, setTitle] = useState(task?.title ?? '')
  const [day, setDay] = useState(dayOf(task?.dueAt))
  const [assigneeId, setAssigneeId] = useState<string | null>(task?.assigneeId ?? null)
  const save = useAction({
    run: () => {
      const due = day ? (day === dayOf(task?.dueAt) ? task!.dueAt! : endOfDay(day)) : undefined
      return task
        ? forge.crm.updateTask({
            params: { taskId: task.taskId },
            body: { title: title.trim(), assigneeId, dueAt: due ?? null },
            ifMatch: String(task.version),
          })
        : forge.crm.createTask({
            body: {
              title: title.trim(),
              ...about,
              ...(assigneeId ? { assigneeId } : {}),
              ...(due ? { dueAt: due } : {}),
            },
            idempotencyKey: key,
          })
    },
    done: t('office.tasks.saved'),
    refresh: [tasksKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (title.trim()) save.mutate()
      }}
    >
      <Stack>
        <TextInput
          label={t('office.tasks.what')}
          maxLength={200}
          data-autofocus
          required
          withAsterisk={false}
          value={title}
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('office.tasks.until')}
          value={day}
          onChange={({ currentTarget }) => setDay(currentTarget.value)}
        />
        <Assignee task={task} value={assigneeId} onChange={setAssigneeId} />
        <FormButtons
          submit={t('action.save')}
          pending={save.isPending}
          disabled={title.trim() === ''}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}

/** Nobody in particular, oneself, or, for those who may look people up, anybody. */
function Assignee({
  task,
  value,
  onChange,
}: {
  task: Task | undefined
  value: string | null
  onChange: (userId: string | null) => void
}) {
  const { t } = useTranslation()
  const finds = useMay()('users:read')
  const me = useMe().data?.userId
  const myName = useProfile().data?.displayName
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const people = useQuery({
    queryKey: ['users', 'find', search],
    queryFn: ({ signal }) =>
      api.users.listProfiles({ query: { state: 'active', ...(search ? { search } : {}) }, signal }),
    placeholderData: (before) => before,
    enabled: finds,
  })
  const names = new Map<string, string>()
  if (me) names.set(me, t('office.tasks.me', { name: myName ?? '' }))
  if (task?.assigneeId && task.assigneeId !== me)
    names.set(task.assigneeId, task.assigneeName || t('office.tasks.somebody'))
  for (const { userId, displayName, username } of people.data?.items ?? [])
    if (!names.has(userId)) names.set(userId, `${displayName} (@${username})`)
  return (
    <Select
      label={t('office.tasks.who')}
      placeholder={t('office.tasks.nobody')}
      data={[...names].map(([id, label]) => ({ value: id, label }))}
      value={value}
      onChange={onChange}
      clearable
      clearButtonProps={{ 'aria-label': t('office.tasks.nobody') }}
      {...(finds ? { searchable: true, onSearchChange: setTyped, nothingFoundMessage: t('users.none') } : {})}
    />
  )
}
