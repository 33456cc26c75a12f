import { Anchor, Checkbox, Group, Menu, Stack, Text } from '@mantine/core'
import { IconPencil, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { ItemMenu } from '../../parts/item-menu.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { type Task, tasksKey } from './data.ts'
import own from './office.module.css'
import { TaskDialog } from './task-form.tsx'

/** Tasks that can be ticked off; `linked` says whom and which order each is about. */
export function TaskList({ items, linked = true }: { items: readonly Task[]; linked?: boolean }) {
  const { t } = useTranslation()
  const [changing, setChanging] = useState<Task>()
  const [removing, setRemoving] = useState<Task>()
  const remove = useAction({
    run: (taskId: string) => forge.crm.removeTask({ params: { taskId } }),
    refresh: [tasksKey],
    onDone: () => setRemoving(undefined),
  })
  if (items.length === 0) return null
  return (
    <>
      <ul className={own.list}>
        {items.map((task) => (
          <OneTask
            key={task.taskId}
            task={task}
            linked={linked}
            onChange={() => setChanging(task)}
            onRemove={() => setRemoving(task)}
          />
        ))}
      </ul>
      <TaskDialog opened={changing !== undefined} task={changing} onClose={() => setChanging(undefined)} />
      <Confirm
        opened={removing !== undefined}
        title={t('office.tasks.remove')}
        confirm={t('office.tasks.remove')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing.taskId)}
        onClose={() => setRemoving(undefined)}
      >
        {t('office.tasks.removeAbout', { title: removing?.title ?? '' })}
      </Confirm>
    </>
  )
}

function OneTask({
  task,
  linked,
  onChange,
  onRemove,
}: {
  task: Task
  linked: boolean
  onChange: () => void
  onRemove: () => void
}) {
  const { t } = useTranslation()
  const manages = useMay()('customers:manage')
  const { taskId, version, title } = task
  const done = task.doneAt !== undefined
  const tick = useAction({
    run: (isDone: boolean) =>
      forge.crm.updateTask({ params: { taskId }, body: { done: isDone }, ifMatch: String(version) }),
    done: (_, isDone) => t(isDone ? 'office.tasks.ticked' : 'office.tasks.unticked'),
    refresh: [tasksKey],
  })
  const late = !done && task.dueAt !== undefined && new Date(task.dueAt) < new Date()
  return (
    <Group component="li" className={own.entry!} align="flex-start" wrap="nowrap" gap="sm">
      <Checkbox
        mt={2}
        aria-label={t('office.tasks.tick', { title })}
        checked={tick.isPending ? tick.variables : done}
        disabled={!manages || tick.isPending}
        onChange={({ currentTarget }) => tick.mutate(currentTarget.checked)}
      />
      <Stack gap={2} flex={1} miw={0}>
        <Text size="sm" className={`wrap-anywhere ${done ? own.done : ''}`}>
          {title}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          <Group gap="4px 12px">
            <span>
              {task.assigneeName || t(task.assigneeId ? 'office.tasks.somebody' : 'office.tasks.nobody')}
            </span>
            {done && task.doneAt ? (
              <span>
                {t('office.tasks.doneAt')} <When time={task.doneAt} />
              </span>
            ) : (
              task.dueAt && (
                <Text span size="xs" c={late ? 'var(--mantine-color-error)' : 'dimmed'} fw={late ? 600 : 400}>
                  {t(late ? 'office.tasks.late' : 'office.tasks.due')} <When time={task.dueAt} />
                </Text>
              )
            )}
            {linked && task.orderId && (
              <Anchor
                inherit
                underline="always"
                renderRoot={(props) => (
                  <Link to="/forge/office/$orderId" params={{ orderId: task.orderId! }} {...props} />
                )}
              >
                {t('office.notes.toOrder')}
              </Anchor>
            )}
            {linked && task.customerId && (
              <Anchor
                inherit
                underline="always"
                renderRoot={(props) => (
                  <Link
                    to="/forge/office/customers/$customerId"
                    params={{ customerId: task.customerId! }}
                    {...props}
                  />
                )}
              >
                {task.customerName || t('orders.customer')}
              </Anchor>
            )}
          </Group>
        </Text>
      </Stack>
      {manages && (
        <ItemMenu label={t('office.tasks.menu', { title })}>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={onChange}>
            {t('office.tasks.change')}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={onRemove}>
            {t('office.tasks.remove')}
          </Menu.Item>
        </ItemMenu>
      )}
    </Group>
  )
}
