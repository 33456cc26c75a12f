/** The ways into one's account: password, passkeys, accounts at providers. */
import { Button, Group, Menu, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { browserSupportsWebAuthn, startRegistration } from '@simplewebauthn/browser'
import { IconFingerprint, IconKey, IconLink, IconPlus } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { showAtFields, tell, useAction } from '../parts/actions.ts'
import { deviceOf } from '../parts/device.ts'
import { Section } from '../parts/page.tsx'
import { isProblem } from '../parts/problem.ts'
import { Row } from '../parts/row.tsx'
import { When } from '../parts/time.tsx'
import { PasswordStrength } from '../sign/password-strength.tsx'
import { type Account, accountKey, SignInAgain } from './account-parts.tsx'
import { hosted } from './api.ts'
import { ProviderIcon } from './providers.tsx'

const route = getRouteApi('/oidc/$handle/account')

export function Ways({
  handle,
  account: { account, methods },
  ticket,
}: {
  handle: string
  account: Account
  ticket: string | undefined
}) {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  const [again, setAgain] = useState(false)
  const [settingPassword, setSettingPassword] = useState(false)
  const refresh = [accountKey(handle, 'details')]
  const params = { handle }
  /** Shows the way to a fresh sign-in where that is what is missing. */
  const onFail = (error: unknown): boolean => {
    const old = isProblem(error, 'signInAgain')
    if (old) setAgain(true)
    return old
  }
  const addPasskey = useAction({
    run: async () => {
      const { flowId, options } = await hosted.beginPasskey({ params })
      const response = await startRegistration({ optionsJSON: options as never })
      const { name } = deviceOf(navigator.userAgent, t('passkey.unnamed'))
      return hosted.finishPasskey({ params, body: { flowId, name, response: { ...response } } })
    },
    done: t('passkey.added'),
    refresh,
    onFail: (error) => {
      if (!(error instanceof Error) || !['NotAllowedError', 'InvalidStateError'].includes(error.name))
        return onFail(error)
      tell(t(error.name === 'InvalidStateError' ? 'errors.passkeyKnown' : 'passkey.cancelled'))
      return true
    },
  })
  const removePasskey = useAction({
    run: (id: string) => hosted.deletePasskey({ params: { handle, id } }),
    done: t('passkey.removed'),
    refresh,
    onFail,
  })
  const link = useAction({
    run: (provider: string) => hosted.beginLink({ params: { handle, provider } }),
    onDone: ({ url }) => window.location.assign(url),
    onFail,
  })
  const finishLink = useAction({
    run: (handed: string) => hosted.finishLink({ params, body: { ticket: handed } }),
    done: t('hosted.account.linked'),
    refresh,
    onFail,
  })
  const unlink = useAction({
    run: (id: string) => hosted.deleteIdentity({ params: { handle, id } }),
    done: t('hosted.account.unlinked'),
    refresh,
    onFail,
  })

  // Back from the provider: its answer is handed in once, then leaves the address.
  const handed = useRef(false)
  const { mutate: finish } = finishLink
  useEffect(() => {
    if (!ticket || handed.current) return
    handed.current = true
    finish(ticket)
    void navigate({ search: {}, replace: true })
  }, [ticket, finish, navigate])

  const linked = new Set(account.identities.map(({ provider }) => provider))
  const linkable = methods.providers.filter(({ key }) => !linked.has(key))
  const nameOf = (key: string) => methods.providers.find((provider) => provider.key === key)?.name ?? key
  return (
    <Section
      title={t('hosted.account.ways')}
      about={t('hosted.account.waysAbout')}
      actions={
        <Group gap="xs">
          {methods.passkey && browserSupportsWebAuthn() && (
            <Button
              variant="default"
              leftSection={<IconPlus size={18} />}
              loading={addPasskey.isPending}
              onClick={() => addPasskey.mutate()}
            >
              {t('passkey.add')}
            </Button>
          )}
          {linkable.length > 0 && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" leftSection={<IconLink size={18} />} loading={link.isPending}>
                  {t('hosted.account.link')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {linkable.map((provider) => (
                  <Menu.Item
                    key={provider.key}
                    leftSection={<ProviderIcon icon={provider.icon} size={16} />}
                    onClick={() => link.mutate(provider.key)}
                  >
                    {provider.name}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      }
    >
      <Stack gap="md">
        {again && <SignInAgain handle={handle} />}
        <Stack gap={0} component="ul" m={0} p={0}>
          {methods.password && (
            <Row
              icon={IconKey}
              title={<Text fw={560}>{t('field.password')}</Text>}
              about={account.hasPassword ? t('hosted.account.passwordSet') : t('hosted.account.passwordNone')}
            >
              <Button variant="subtle" size="sm" onClick={() => setSettingPassword(true)}>
                {account.hasPassword ? t('password.change') : t('password.set')}
              </Button>
            </Row>
          )}
          {account.passkeys.map((passkey) => (
            <Row
              key={passkey.id}
              icon={IconFingerprint}
              title={<Text fw={560}>{passkey.name}</Text>}
              about={
                <>
                  {t('item.created')} <When time={passkey.createdAt} />
                </>
              }
            >
              <Button
                variant="subtle"
                color="red"
                size="sm"
                aria-label={t('hosted.account.removeNamed', { name: passkey.name })}
                loading={removePasskey.isPending && removePasskey.variables === passkey.id}
                onClick={() => removePasskey.mutate(passkey.id)}
              >
                {t('hosted.account.remove')}
              </Button>
            </Row>
          ))}
          {account.identities.map((identity) => (
            <Row
              key={identity.id}
              icon={IconLink}
              title={<Text fw={560}>{nameOf(identity.provider)}</Text>}
              about={identity.email ?? identity.name}
            >
              <Button
                variant="subtle"
                color="red"
                size="sm"
                aria-label={t('hosted.account.unlinkNamed', { name: nameOf(identity.provider) })}
                loading={unlink.isPending && unlink.variables === identity.id}
                onClick={() => unlink.mutate(identity.id)}
              >
                {t('hosted.account.unlink')}
              </Button>
            </Row>
          ))}
        </Stack>
      </Stack>
      <Modal
        opened={settingPassword}
        onClose={() => setSettingPassword(false)}
        title={account.hasPassword ? t('password.change') : t('password.set')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {settingPassword && (
          <PasswordForm
            handle={handle}
            hasPassword={account.hasPassword}
            onDone={() => setSettingPassword(false)}
            onOld={() => {
              setSettingPassword(false)
              setAgain(true)
            }}
          />
        )}
      </Modal>
    </Section>
  )
}

function PasswordForm({
  handle,
  hasPassword,
  onDone,
  onOld,
}: {
  handle: string
  hasPassword: boolean
  onDone: () => void
  onOld: () => void
}) {
  const { t } = useTranslation()
  const form = useForm({
    initialValues: { password: '', newPassword: '' },
    validate: { newPassword: (value) => (value.length < 10 ? t('password.tooShort') : null) },
  })
  const change = useAction({
    run: ({ password, newPassword }: typeof form.values) =>
      hosted.changeOwnPassword({
        params: { handle },
        body: { newPassword, locale: currentLanguage(), ...(hasPassword ? { password } : {}) },
      }),
    done: t('password.changed'),
    refresh: [accountKey(handle, 'details'), accountKey(handle, 'sessions')],
    onDone,
    onFail: (error) => {
      if (isProblem(error, 'signInAgain')) {
        onOld()
        return true
      }
      return showAtFields(form, error, { signInRefused: 'password', passwordTooWeak: 'newPassword' })
    },
  })
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack>
        {hasPassword && (
          <PasswordInput
            label={t('password.current')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
            {...form.getInputProps('password')}
          />
        )}
        <div>
          <PasswordInput
            label={t('field.newPassword')}
            autoComplete="new-password"
            maxLength={200}
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
            {...form.getInputProps('newPassword')}
          />
          <PasswordStrength password={form.values.newPassword} />
        </div>
        <Button type="submit" loading={change.isPending}>
          {t('action.save')}
        </Button>
      </Stack>
    </form>
  )
}
