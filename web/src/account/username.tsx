import { Alert, Button, Group, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { profileKey } from '../me.ts'
import { showAtFields, useAction } from '../parts/actions.ts'
import { Section } from '../parts/page.tsx'
import { fullTime } from '../parts/time.tsx'
import { UsernameInput } from '../sign/username-input.tsx'

type ProfileData = Awaited<ReturnType<typeof api.users.getMe>>

/** The username apart from the rest: others know one by it, so changing it is an act of its own. */
export function UsernameSection({ profile }: { profile: ProfileData }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const form = useForm({ initialValues: { username: profile.username } })
  const later = profile.usernameChangeableAt
  const change = useAction({
    run: ({ username }: { username: string }) =>
      api.users.changeUsername({
        params: { userId: profile.userId },
        ifMatch: profile.version,
        body: { username: username.trim().toLowerCase() },
      }),
    done: t('username.changed'),
    refresh: [profileKey],
    onDone: (data) => {
      client.setQueryData(profileKey, data)
      form.setInitialValues({ username: data.username })
      form.reset()
    },
    onFail: (error) =>
      showAtFields(form, error, {
        usernameTaken: 'username',
        usernameNotAllowed: 'username',
        usernameChangedTooSoon: 'username',
      }),
  })
  return (
    <Section title={t('field.username')} about={t('username.changeAbout')}>
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack>
          {later && (
            <Alert variant="light" color="gray">
              {t('username.later', { time: fullTime(later) })}
            </Alert>
          )}
          <UsernameInput
            own={profile.username}
            disabled={later !== undefined}
            {...form.getInputProps('username')}
          />
          <Group justify="flex-end">
            <Button
              type="submit"
              variant="default"
              loading={change.isPending}
              disabled={!form.isDirty() || later !== undefined}
            >
              {t('username.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
