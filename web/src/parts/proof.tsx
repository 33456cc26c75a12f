/** Asks again who is at the keyboard when a sensitive change needs a proof, then carries on with the change. */
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { startAuthentication } from '@simplewebauthn/browser'
import { IconFingerprint } from '@tabler/icons-react'
import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMe } from '../me.ts'
import { problemWords } from './problem.ts'
import { settle, waitingStore } from './proven.ts'

/** Stands once in the app's frame. */
export function ProofDialog() {
  const { t } = useTranslation()
  const opened = useSyncExternalStore(waitingStore.subscribe, waitingStore.isWaiting)
  return (
    <Modal
      opened={opened}
      onClose={() => settle(false)}
      title={t('proof.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
      zIndex={400}
    >
      {opened && <ProofForm />}
    </Modal>
  )
}

function ProofForm() {
  const { t } = useTranslation()
  const me = useMe().data
  const [secret, setSecret] = useState('')
  const [pending, setPending] = useState<'secret' | 'passkey'>()
  const [failure, setFailure] = useState<string>()
  const byCode = me !== undefined && !me.hasPassword && me.totp

  async function attempt(kind: 'secret' | 'passkey', prove: () => Promise<unknown>) {
    setPending(kind)
    setFailure(undefined)
    try {
      await prove()
      settle(true)
    } catch (error) {
      setFailure(
        error instanceof Error && error.name === 'NotAllowedError'
          ? t('passkey.cancelled')
          : problemWords(error).title,
      )
      setPending(undefined)
    }
  }
  const proveSecret = () =>
    byCode
      ? api.auth.reauthenticate({ body: { method: 'totp', code: secret } })
      : api.auth.reauthenticate({ body: { method: 'password', password: secret } })
  const provePasskey = async () => {
    const { flowId, options } = await api.auth.startPasskeyLogin({ body: {} })
    const response = await startAuthentication({ optionsJSON: options as never })
    await api.auth.reauthenticate({ body: { method: 'passkey', flowId, response: { ...response } } })
  }
  const field = {
    value: secret,
    error: failure,
    onChange: (event: { currentTarget: { value: string } }) => setSecret(event.currentTarget.value),
    'data-autofocus': true,
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void attempt('secret', proveSecret)
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t('proof.about')}
        </Text>
        {byCode ? (
          <TextInput
            label={t('factor.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            {...field}
          />
        ) : (
          <PasswordInput label={t('field.password')} autoComplete="current-password" {...field} />
        )}
        <Group justify="space-between">
          {me && me.passkeys > 0 ? (
            <Button
              variant="subtle"
              leftSection={<IconFingerprint size={18} />}
              loading={pending === 'passkey'}
              onClick={() => void attempt('passkey', provePasskey)}
            >
              {t('proof.passkey')}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={pending === 'secret'} disabled={secret === ''}>
            {t('action.continue')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
