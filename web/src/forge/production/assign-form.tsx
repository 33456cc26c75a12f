import { Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { type Operator, operatorsQuery, productionKey, type Work } from './data.ts'

/** Gives a work to an operator who can do it. */
export function AssignForm({ work, onClose }: { work: Work; onClose: () => void }) {
  const operators = useQuery(operatorsQuery)
  return (
    <Loaded query={operators}>{(items) => <Choice work={work} operators={items} onClose={onClose} />}</Loaded>
  )
}

function Choice({
  work,
  operators,
  onClose,
}: {
  work: Work
  operators: readonly Operator[]
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [operatorId, setOperatorId] = useState<string | null>(null)
  const able = operators.filter(
    (one) => one.active && one.skills.includes(work.technique) && one.operatorId !== work.operatorId,
  )
  const assign = useAction({
    run: (to: string) =>
      forge.operators.assignWork({ params: { workId: work.workId }, body: { operatorId: to } }),
    done: (given) => t('production.assigned', { name: given.operatorName ?? '' }),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (operatorId) assign.mutate(operatorId)
      }}
    >
      <Stack>
        <Select
          label={t('production.operator')}
          description={t('production.onlyAble')}
          placeholder={able.length === 0 ? t('production.nobodyAble') : t('production.choose')}
          size="md"
          searchable
          data={able.map((one) => ({ value: one.operatorId, label: one.name }))}
          value={operatorId}
          onChange={setOperatorId}
          data-autofocus
        />
        <FormButtons
          submit={t('production.assign')}
          pending={assign.isPending}
          disabled={!operatorId}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
