import { Checkbox, Group, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../api.ts'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge } from '../api.ts'
import { type Operator, productionKey, type Technique, techniques } from './data.ts'

/** Makes somebody an operator, or changes what they can do. */
export function OperatorForm({ operator, onClose }: { operator?: Operator; onClose: () => void }) {
  const { t } = useTranslation()
  const may = useMay()
  const [personId, setPersonId] = useState<string | null>(operator?.operatorId ?? null)
  const [skills, setSkills] = useState<string[]>(operator ? [...operator.skills] : ['fdm', 'pick'])
  const [active, setActive] = useState(operator?.active ?? true)
  const save = useAction({
    run: (operatorId: string) =>
      forge.operators.setOperator({
        params: { operatorId },
        body: { skills: skills as Technique[], active },
      }),
    done: t('production.people.saved'),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (personId?.trim()) save.mutate(personId.trim())
      }}
    >
      <Stack>
        {!operator &&
          // Who may not look people up may still know the id of one.
          (may('users:read') ? (
            <PersonSelect value={personId} onChange={setPersonId} />
          ) : (
            <TextInput
              label={t('audit.personId')}
              value={personId ?? ''}
              spellCheck={false}
              autoComplete="off"
              data-autofocus
              onChange={({ currentTarget }) => setPersonId(currentTarget.value)}
            />
          ))}
        <Checkbox.Group
          label={t('production.people.skills')}
          description={t('production.people.skillsAbout')}
          value={skills}
          onChange={setSkills}
        >
          <Group gap="md" mt={6}>
            {techniques.map((skill) => (
              <Checkbox key={skill} value={skill} label={t(`production.techniqueShort.${skill}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <Switch
          label={t('production.people.takesWork')}
          description={t('production.people.takesWorkAbout')}
          checked={active}
          onChange={({ currentTarget }) => setActive(currentTarget.checked)}
        />
        <FormButtons
          submit={t('action.save')}
          pending={save.isPending}
          disabled={!personId?.trim()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}

/** Finds somebody with an account by name, username or address. */
function PersonSelect({
  value,
  onChange,
}: {
  value: string | null
  onChange: (userId: string | null) => void
}) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 250)
  const people = useQuery({
    queryKey: ['users', 'find', search],
    queryFn: ({ signal }) =>
      api.users.listProfiles({ query: { state: 'active', ...(search ? { search } : {}) }, signal }),
    placeholderData: (before) => before,
  })
  return (
    <Select
      label={t('users.person')}
      placeholder={t('users.search')}
      data={(people.data?.items ?? []).map((one) => ({
        value: one.userId,
        label: `${one.displayName} (@${one.username})`,
      }))}
      value={value}
      onChange={onChange}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has searched already, by more than what is shown.
      filter={({ options }) => options}
      nothingFoundMessage={t('users.none')}
      data-autofocus
    />
  )
}
