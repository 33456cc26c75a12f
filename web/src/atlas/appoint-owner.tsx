import { Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMay } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { atlas } from './api.ts'

/** Chooses who shall own a project. */
export function AppointOwner({
  project,
  onDone,
}: {
  project: { readonly projectId: string; readonly name: string; readonly state: string }
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [userId, setUserId] = useState<string | null>(null)
  const may = useMay()
  const appoint = useAction({
    run: () =>
      atlas.projects.appointOwner({
        params: { projectId: project.projectId },
        body: { userId: userId?.trim() ?? '' },
      }),
    done: t('atlas.admin.appointed', { project: project.name }),
    refresh: [['projects']],
    onDone,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        appoint.mutate()
      }}
    >
      <Stack>
        <Text size="sm" className="wrap-anywhere">
          {t('atlas.admin.appointAbout', { project: project.name })}{' '}
          {project.state === 'archived' && t('atlas.admin.appointArchived')}
        </Text>
        {/* Who may not look people up may still know the id of one. */}
        {may('users:read') ? (
          <PersonSelect value={userId} onChange={setUserId} />
        ) : (
          <TextInput
            label={t('audit.personId')}
            value={userId ?? ''}
            spellCheck={false}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setUserId(event.currentTarget.value)}
          />
        )}
        <FormButtons
          submit={t('atlas.admin.appoint')}
          pending={appoint.isPending}
          disabled={!userId}
          onCancel={onDone}
        />
      </Stack>
    </form>
  )
}

/** Finds somebody by name, username or address. */
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
