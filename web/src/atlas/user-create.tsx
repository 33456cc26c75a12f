import { Button, Checkbox, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { currentLanguage, languages } from '../i18n/i18n.ts'
import { showAtFields, useAction } from '../parts/actions.ts'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import { usersKey } from './user-list.tsx'

/** Creates somebody, and invites them unless told otherwise. */
export function CreateUser({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const place = usePlace()
  const form = useForm({
    initialValues: { email: '', name: '', emailVerified: false, invite: true, locale: currentLanguage() },
    validate: { email: (value) => (value.trim() === '' ? t('field.needed') : null) },
  })
  const create = useAction({
    run: ({ email, name, locale, ...rest }: typeof form.values) =>
      atlas.oidc.createEndUser({
        params: place,
        body: {
          ...rest,
          email: email.trim(),
          ...(name.trim() ? { name: name.trim() } : {}),
          ...(rest.invite ? { locale } : {}),
        },
      }),
    done: (_, { email, invite }) =>
      t(invite ? 'atlas.users.invited' : 'atlas.users.created', { email: email.trim() }),
    refresh: [usersKey(place)],
    onDone,
    onFail: (error) => showAtFields(form, error, { endUserExists: 'email' }),
  })
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.email')}
          type="email"
          maxLength={254}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('email')}
        />
        <TextInput
          label={t('field.name')}
          maxLength={200}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <Checkbox
          label={t('atlas.users.verified')}
          description={t('atlas.users.verifiedAbout')}
          {...form.getInputProps('emailVerified', { type: 'checkbox' })}
        />
        <Checkbox
          label={t('atlas.users.invite')}
          description={t('atlas.users.inviteAbout')}
          {...form.getInputProps('invite', { type: 'checkbox' })}
        />
        {form.values.invite && (
          <Select
            label={t('atlas.users.mailLanguage')}
            allowDeselect={false}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('locale')}
          />
        )}
        <Button type="submit" loading={create.isPending}>
          {t('atlas.users.create')}
        </Button>
      </Stack>
    </form>
  )
}
