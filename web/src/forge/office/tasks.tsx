import { Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useList } from '../../parts/list.ts'
import { More } from '../../parts/more.tsx'
import { Section } from '../../parts/page.tsx'
import { Failed, Waiting } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { tasksKey } from './data.ts'
import { TaskDialog } from './task-form.tsx'
import { TaskList } from './task-list.tsx'

/** What is still to be done about an order or a customer. */
export function Tasks({ orderId, customerId }: { orderId?: string; customerId?: string }) {
  const { t } = useTranslation()
  const manages = useMay()('customers:manage')
  const [adding, setAdding] = useState(false)
  const about = { ...(orderId ? { orderId } : {}), ...(customerId ? { customerId } : {}) }
  const { items, query } = useList({
    queryKey: [...tasksKey, 'list', about],
    load: (cursor, signal) => forge.crm.listTasks({ query: { ...about, ...cursor, limit: 20 }, signal }),
  })
  return (
    <Section
      title={t('office.tasks.title')}
      actions={
        manages && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => setAdding(true)}
          >
            {t('office.tasks.add')}
          </Button>
        )
      }
    >
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting rows={2} />}
      {query.isSuccess && items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('office.tasks.noneHere')}
        </Text>
      )}
      <TaskList items={items} linked={false} />
      <More query={query} />
      <TaskDialog opened={adding} about={about} onClose={() => setAdding(false)} />
    </Section>
  )
}
