import { Badge, Button, CopyButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { meKey } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Section } from '../parts/page.tsx'
import { isProblem, problemWords } from '../parts/problem.ts'
import { proven } from '../parts/proven.ts'
import { RecoveryCodes } from './recovery-codes.tsx'
import type { Me } from './security.tsx'

/** The authenticator app and the recovery codes. */
export function SecondFactorSection({ me }: { me: Me }) {
  const { t } = useTranslation()
  const [begun, setBegun] = useState<{ secret: string; uri: string }>()
  const [codes, setCodes] = useState<readonly string[]>()
  const [asking, setAsking] = useState<'off' | 'codes'>()
  const start = useAction({ run: () => proven(() => api.auth.startTotp()), onDone: setBegun })
  const off = useAction({
    run: () => proven(() => api.auth.disableTotp()),
    done: t('totp.isOff'),
    refresh: [meKey],
    onDone: () => setAsking(undefined),
  })
  const renew = useAction({
    run: () => proven(() => api.auth.regenerateRecoveryCodes()),
    refresh: [meKey],
    onDone: ({ recoveryCodes }) => {
      setAsking(undefined)
      setCodes(recoveryCodes)
    },
  })
  return (
    <Section
      title={t('totp.title')}
      about={
        <Stack gap={6} component="span">
          <span>{t('totp.about')}</span>
          <Group gap={8} component="span">
            <Badge color={me.totp ? 'green' : 'gray'}>{t(me.totp ? 'totp.on' : 'totp.off')}</Badge>
            {me.totp && (
              <Badge color={me.recoveryCodesLeft > 2 ? 'gray' : 'yellow'}>
                {t('totp.codesLeft', { count: me.recoveryCodesLeft })}
              </Badge>
            )}
          </Group>
        </Stack>
      }
      actions={
        me.totp ? (
          <>
            <Button variant="default" onClick={() => setAsking('codes')}>
              {t('totp.newCodes')}
            </Button>
            <Button variant="subtle" color="red" onClick={() => setAsking('off')}>
              {t('totp.turnOff')}
            </Button>
          </>
        ) : (
          <Button loading={start.isPending} onClick={() => start.mutate()}>
            {t('totp.setUp')}
          </Button>
        )
      }
    >
      <Modal
        opened={begun !== undefined}
        onClose={() => setBegun(undefined)}
        title={t('totp.setUp')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {begun && (
          <Enrol
            begun={begun}
            onDone={(recoveryCodes) => {
              setBegun(undefined)
              setCodes(recoveryCodes)
            }}
          />
        )}
      </Modal>
      <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />
      <Confirm
        opened={asking === 'off'}
        title={t('totp.turnOff')}
        confirm={t('totp.turnOff')}
        pending={off.isPending}
        onConfirm={() => off.mutate()}
        onClose={() => setAsking(undefined)}
      >
        {t('totp.offAbout')}
      </Confirm>
      <Confirm
        opened={asking === 'codes'}
        title={t('totp.newCodes')}
        confirm={t('totp.newCodes')}
        danger={false}
        pending={renew.isPending}
        onConfirm={() => renew.mutate()}
        onClose={() => setAsking(undefined)}
      >
        {t('totp.newCodesAbout')}
      </Confirm>
    </Section>
  )
}

function Enrol({
  begun,
  onDone,
}: {
  begun: { secret: string; uri: string }
  onDone: (codes: readonly string[]) => void
}) {
  const { t } = useTranslation()
  const [code, setCode] = useState('')
  const [failure, setFailure] = useState<string>()
  const image = useQuery({
    queryKey: ['totp-qr', begun.uri],
    queryFn: async () => (await import('qrcode')).create(begun.uri, { errorCorrectionLevel: 'M' }).modules,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const confirm = useAction({
    run: () => proven(() => api.auth.confirmTotp({ body: { code } })),
    refresh: [meKey],
    onDone: ({ recoveryCodes }) => onDone(recoveryCodes),
    onFail: (error) => {
      setFailure(isProblem(error, 'proofRefused') ? t('totp.codeWrong') : problemWords(error).title)
      return true
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        setFailure(undefined)
        confirm.mutate()
      }}
    >
      <Stack>
        <Text size="sm">{t('totp.scan')}</Text>
        <Group justify="center" mih={200}>
          {image.data && <QrCode modules={image.data} label={t('totp.qr')} />}
        </Group>
        <Group gap="xs" justify="center">
          <Text className="mono wrap-anywhere" data-testid="totp-secret">
            {begun.secret}
          </Text>
          <CopyButton value={begun.secret}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="subtle"
                leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                onClick={copy}
              >
                {t(copied ? 'action.copied' : 'action.copy')}
              </Button>
            )}
          </CopyButton>
        </Group>
        <TextInput
          label={t('factor.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          data-autofocus
          value={code}
          error={failure}
          onChange={(event) => setCode(event.currentTarget.value.replace(/\D/g, ''))}
        />
        <Button type="submit" loading={confirm.isPending} disabled={code.length !== 6}>
          {t('totp.turnOn')}
        </Button>
      </Stack>
    </form>
  )
}

/** Drawn as SVG: a data: image would need a hole in the content security policy. Always dark on white, or no camera reads it. */
function QrCode({ modules, label }: { modules: { size: number; data: Uint8Array }; label: string }) {
  const { size, data } = modules
  const path = Array.from(data, (dark, index) =>
    dark ? `M${index % size} ${Math.floor(index / size)}h1v1h-1z` : '',
  ).join('')
  return (
    <svg
      width={200}
      height={200}
      viewBox={`-2 -2 ${size + 4} ${size + 4}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect x={-2} y={-2} width={size + 4} height={size + 4} fill="#ffffff" />
      <path d={path} fill="#12122a" />
    </svg>
  )
}
