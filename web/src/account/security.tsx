import { Alert, Badge, Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconMail } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { meKey, useMe } from '../me.ts'
import { showAtFields, tell, useAction } from '../parts/actions.ts'
import { Page, Section } from '../parts/page.tsx'
import { proven } from '../parts/proven.ts'
import { Loaded } from '../parts/states.tsx'
import { PasswordStrength } from '../sign/password-strength.tsx'
import { Passkeys } from './passkeys.tsx'
import { SecondFactorSection } from './second-factor.tsx'

export type Me = Awaited<ReturnType<typeof api.auth.getMe>>

export function Security() {
  const { t } = useTranslation()
  const me = useMe()
  return (
    <Page title={t('place.security')} about={t('placeAbout.security')}>
      <Loaded query={me}>
        {(data) => (
          <>
            <EmailSection me={data} />
            <PasswordSection me={data} />
            <SecondFactorSection me={data} />
            <Passkeys />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function EmailSection({ me }: { me: Me }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [opened, { open, close }] = useDisclosure()
  const form = useForm({ initialValues: { email: '' } })
  const change = useAction({
    run: (body: { email: string }) => proven(() => api.auth.requestEmailChange({ body })),
    done: t('email.linkSent'),
    onDone: (_, { email }) => {
      // The server works on it after its answer, so asking it now might be too early.
      client.setQueryData<Me>(meKey, (old) => old && { ...old, pendingEmail: email.trim().toLowerCase() })
      close()
      form.reset()
    },
    onFail: (error) => showAtFields(form, error),
  })
  const resend = useAction({
    run: () => api.auth.resendVerification({ body: { email: me.email } }),
    done: t('signUp.resent'),
  })
  return (
    <Section
      title={t('field.email')}
      about={
        <Group gap={8} component="span">
          <span className="wrap-anywhere">{me.email}</span>
          <Badge color={me.emailVerified ? 'green' : 'yellow'}>
            {t(me.emailVerified ? 'email.verified' : 'email.notVerified')}
          </Badge>
        </Group>
      }
      actions={
        <>
          {!me.emailVerified && (
            <Button variant="subtle" loading={resend.isPending} onClick={() => resend.mutate()}>
              {t('signUp.resend')}
            </Button>
          )}
          <Button variant="default" onClick={open}>
            {t('email.change')}
          </Button>
        </>
      }
    >
      {me.pendingEmail && (
        <Alert icon={<IconMail size={18} />} color="iris">
          {t('email.pending', { email: me.pendingEmail })}
        </Alert>
      )}
      <Modal
        opened={opened}
        onClose={close}
        title={t('email.change')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
          <Stack>
            <TextInput
              label={t('email.new')}
              description={t('email.about')}
              type="email"
              required
              withAsterisk={false}
              data-autofocus
              {...form.getInputProps('email')}
            />
            <Button type="submit" loading={change.isPending}>
              {t('email.send')}
            </Button>
          </Stack>
        </form>
      </Modal>
    </Section>
  )
}

function PasswordSection({ me }: { me: Me }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  const form = useForm({
    initialValues: { currentPassword: '', newPassword: '' },
    validate: { newPassword: (value) => (value.length < 10 ? t('password.tooShort') : null) },
  })
  const toggle = { visibilityToggleButtonProps: { 'aria-label': t('field.showPassword') } }
  const change = useAction({
    run: ({ currentPassword, newPassword }: typeof form.values) =>
      proven(() =>
        api.auth.changePassword({
          body: me.hasPassword ? { currentPassword, newPassword } : { newPassword },
        }),
      ),
    refresh: [meKey, ['auth', 'sessions']],
    onDone: () => {
      tell(t('password.changed'))
      form.reset()
      setOpened(false)
    },
    onFail: (error) =>
      showAtFields(form, error, { proofRefused: 'currentPassword', weakPassword: 'newPassword' }),
  })
  return (
    <Section
      title={t('field.password')}
      about={t(me.hasPassword ? 'password.changeAbout' : 'password.none')}
      actions={
        !opened && (
          <Button variant="default" onClick={() => setOpened(true)}>
            {t(me.hasPassword ? 'password.change' : 'password.set')}
          </Button>
        )
      }
    >
      {opened && (
        <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
          <Stack maw={420}>
            {/* Lets a password manager know whose password this is. */}
            <input type="text" name="username" autoComplete="username" value={me.email} readOnly hidden />
            {me.hasPassword && (
              <PasswordInput
                label={t('password.current')}
                autoComplete="current-password"
                required
                withAsterisk={false}
                autoFocus
                {...toggle}
                {...form.getInputProps('currentPassword')}
              />
            )}
            <div>
              <PasswordInput
                label={t('field.newPassword')}
                autoComplete="new-password"
                maxLength={200}
                required
                withAsterisk={false}
                {...toggle}
                {...form.getInputProps('newPassword')}
              />
              <PasswordStrength password={form.values.newPassword} />
            </div>
            <Text size="xs" c="dimmed">
              {t('password.endsSessions')}
            </Text>
            <Group>
              <Button type="submit" loading={change.isPending}>
                {t('action.save')}
              </Button>
              <Button
                variant="subtle"
                color="gray"
                onClick={() => {
                  form.reset()
                  setOpened(false)
                }}
              >
                {t('action.cancel')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Section>
  )
}
