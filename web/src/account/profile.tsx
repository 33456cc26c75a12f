import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { IconGitMerge, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { chooseLanguage, languages } from '../i18n/i18n.ts'
import { profileKey, useProfile } from '../me.ts'
import { showAtFields, useAction } from '../parts/actions.ts'
import { LeaveGuard } from '../parts/leave-guard.tsx'
import { Page, Section } from '../parts/page.tsx'
import { isProblem } from '../parts/problem.ts'
import { Loaded } from '../parts/states.tsx'
import { UsernameSection } from './username.tsx'

type ProfileData = Awaited<ReturnType<typeof api.users.getMe>>
const MAX_LINKS = 5

export function Profile() {
  const { t } = useTranslation()
  const profile = useProfile()
  return (
    <Page title={t('place.profile')} about={t('placeAbout.profile')}>
      <Loaded query={profile}>
        {(data) => (
          <>
            <ProfileForm key={data.userId} profile={data} />
            <UsernameSection profile={data} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

const fieldsOf = ({ displayName, bio, locale, timeZone, links }: ProfileData) => ({
  displayName,
  bio,
  locale,
  timeZone,
  links: [...links],
})

function ProfileForm({ profile }: { profile: ProfileData }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  // The version that the form was filled from; not the newest, or somebody's change would be overwritten unseen.
  const [version, setVersion] = useState(profile.version)
  const [theirs, setTheirs] = useState<ProfileData>()
  const form = useForm({
    initialValues: fieldsOf(profile),
    validate: {
      displayName: (value) => (value.trim() === '' ? t('field.needed') : null),
      links: {
        url: (value) => (/^https?:\/\/\S+$/.test(value) ? null : t('profile.linkBad')),
        label: (value) => (value.trim() ? null : t('field.needed')),
      },
    },
  })

  function fill(data: ProfileData) {
    form.setInitialValues(fieldsOf(data))
    form.setValues(fieldsOf(data))
    form.resetDirty(fieldsOf(data))
    setVersion(data.version)
    setTheirs(undefined)
  }
  const save = useAction({
    run: (values: typeof form.values) =>
      api.users.updateProfile({ params: { userId: profile.userId }, ifMatch: version, body: values }),
    done: t('profile.saved'),
    onDone: (data) => {
      client.setQueryData(profileKey, data)
      fill(data)
      void chooseLanguage(data.locale)
    },
    onFail: (error) => {
      if (!isProblem(error, 'preconditionFailed')) return showAtFields(form, error)
      void api.users.getMe().then(setTheirs)
      return true
    },
  })
  return (
    <Section title={t('profile.publicTitle')} about={t('profile.publicAbout')}>
      <LeaveGuard dirty={form.isDirty() && !save.isPending} />
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="md">
          {theirs && (
            <Alert
              color="yellow"
              icon={<IconGitMerge size={20} />}
              title={t('profile.conflictTitle')}
              role="alert"
            >
              <Text size="sm">{t('profile.conflictAbout', { name: theirs.displayName })}</Text>
              <Group mt="sm">
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    client.setQueryData(profileKey, theirs)
                    fill(theirs)
                  }}
                >
                  {t('profile.conflictTheirs')}
                </Button>
                <Button
                  size="xs"
                  onClick={() => {
                    setVersion(theirs.version)
                    setTheirs(undefined)
                  }}
                >
                  {t('profile.conflictMine')}
                </Button>
              </Group>
            </Alert>
          )}
          <TextInput
            label={t('field.displayName')}
            maxLength={80}
            autoComplete="name"
            required
            withAsterisk={false}
            {...form.getInputProps('displayName')}
          />
          <Textarea
            label={t('field.bio')}
            description={t('profile.bioAbout', { left: 500 - form.values.bio.length })}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={500}
            {...form.getInputProps('bio')}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label={t('shell.language')}
              data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
              allowDeselect={false}
              {...form.getInputProps('locale')}
            />
            <Select
              label={t('field.timeZone')}
              data={timeZones(form.values.timeZone)}
              searchable
              limit={60}
              allowDeselect={false}
              nothingFoundMessage={t('state.nothing')}
              {...form.getInputProps('timeZone')}
            />
          </SimpleGrid>
          <Links form={form} />
          <Group justify="flex-end">
            {form.isDirty() && (
              <Button variant="subtle" color="gray" onClick={form.reset}>
                {t('action.discard')}
              </Button>
            )}
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

type Fields = ReturnType<typeof fieldsOf>
type ProfileFormState = Pick<
  UseFormReturnType<Fields>,
  'values' | 'getInputProps' | 'insertListItem' | 'removeListItem'
>

function Links({ form }: { form: ProfileFormState }) {
  const { t } = useTranslation()
  return (
    <Stack gap="xs" component="fieldset" bd={0} p={0} m={0}>
      <Text component="legend" size="sm" fw={500} p={0}>
        {t('field.links')}
      </Text>
      {form.values.links.map((_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: links have no identity but their place.
        <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
          <TextInput
            flex="1 1 30%"
            aria-label={t('profile.linkLabel')}
            placeholder={t('profile.linkLabel')}
            maxLength={40}
            {...form.getInputProps(`links.${index}.label`)}
          />
          <TextInput
            flex="1 1 70%"
            aria-label={t('profile.linkUrl')}
            placeholder="https://"
            type="url"
            maxLength={300}
            {...form.getInputProps(`links.${index}.url`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('profile.linkRemove')}
            onClick={() => form.removeListItem('links', index)}
          >
            <IconTrash size={18} stroke={1.7} />
          </ActionIcon>
        </Group>
      ))}
      {form.values.links.length < MAX_LINKS && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={16} />}
          onClick={() => form.insertListItem('links', { label: '', url: 'https://' })}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('profile.linkAdd')}
        </Button>
      )}
    </Stack>
  )
}

function timeZones(current: string): string[] {
  return [...new Set([current, 'UTC', ...Intl.supportedValuesOf('timeZone')])]
}
