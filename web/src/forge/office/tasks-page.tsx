import { Button, Group, SegmentedControl, Switch } from '@mantine/core'
import { IconChecklist, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { tasksKey } from './data.ts'
import { Needs } from './frame.tsx'
import own from './office.module.css'
import { TaskDialog } from './task-form.tsx'
import { TaskList } from './task-list.tsx'

/** Tasks are looked at again this often, as colleagues work on them, too. */
const TASKS_MS = 15_000

/** What is to be done in the office, the most urgent first. */
export function TasksPage() {
  return <Needs permissions={['customers:read']}>{() => <AllTasks />}</Needs>
}

function AllTasks() {
  const { t } = useTranslation()
  const manages = useMay()('customers:manage')
  const [done, setDone] = useState(false)
  const [mine, setMine] = useState(false)
  const [adding, setAdding] = useState(false)
  const filter = { ...(done ? { done } : {}), ...(mine ? { mine } : {}) }
  const list = useList({
    queryKey: [...tasksKey, 'page', filter],
    load: (cursor, signal) => forge.crm.listTasks({ query: { ...filter, ...cursor, limit: 25 }, signal }),
    every: TASKS_MS,
  })
  const add = manages && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)}>
      {t('office.tasks.add')}
    </Button>
  )
  return (
    <Page wide title={t('office.tasks.title')} about={t('office.tasks.about')} actions={add}>
      <Group gap="lg">
        <SegmentedControl
          aria-label={t('office.tasks.which')}
          data={[
            { value: 'open', label: t('office.tasks.open') },
            { value: 'done', label: t('office.tasks.done') },
          ]}
          value={done ? 'done' : 'open'}
          onChange={(value) => setDone(value === 'done')}
        />
        <Switch
          label={t('office.tasks.onlyMine')}
          checked={mine}
          onChange={({ currentTarget }) => setMine(currentTarget.checked)}
        />
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconChecklist} title={t(done ? 'office.tasks.noneDone' : 'office.tasks.none')}>
            {t('office.tasks.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <div className={own.padded}>
            <TaskList items={items} />
          </div>
        )}
      </ListPanel>
      <TaskDialog opened={adding} onClose={() => setAdding(false)} />
    </Page>
  )
}
