import { Button, Checkbox, Group, NumberInput, Stack, Switch } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { LeaveGuard } from '../parts/leave-guard.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Loaded, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas, type SignInSettings } from './api.ts'
import { Apis } from './apis.tsx'
import { useMayHere, usePlace } from './project.ts'

/** How people sign in to the environment, its own APIs, and the keys that sign. */
export function SignInSettingsPage() {
  const { t } = useTranslation()
  const place = usePlace()
  const settings = useQuery({
    queryKey: ['oidc', 'settings', place],
    queryFn: ({ signal }) => atlas.oidc.getSettings({ params: place, signal }),
  })
  return (
    <Page title={t('atlas.tab.signIn')} about={t('atlas.signIn.about')}>
      <Loaded query={settings}>
        {(data) => (
          <>
            {/* A form filled from another version would overwrite it. */}
            <Methods key={`${place.environment} ${data.version}`} settings={data} />
            <Apis settings={data} />
          </>
        )}
      </Loaded>
      <Keys />
    </Page>
  )
}

function Methods({ settings }: { settings: SignInSettings }) {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayHere()('admin')
  const form = useForm({
    initialValues: {
      password: settings.password,
      passkey: settings.passkey,
      open: settings.signUp === 'open',
      verifyEmail: settings.verifyEmail,
      sessionHours: settings.sessionHours,
    },
  })
  const save = useAction({
    run: ({ open, ...values }: typeof form.values) =>
      atlas.oidc.changeSettings({
        params: place,
        body: { ...values, signUp: open ? 'open' : 'closed' },
        ifMatch: String(settings.version),
      }),
    done: t('atlas.saved'),
    refresh: [['oidc', 'settings']],
    onDone: () => form.resetDirty(),
    onFail: (error) => showAtFields(form, error),
  })
  const box = (name: 'password' | 'passkey' | 'open' | 'verifyEmail') => (
    <Switch
      label={t(`atlas.signIn.${name}`)}
      description={t(`atlas.signIn.${name}About`)}
      {...form.getInputProps(name, { type: 'checkbox' })}
    />
  )
  return (
    <Section title={t('atlas.signIn.methods')} about={t('atlas.signIn.methodsAbout')}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0 }}>
          <Stack>
            {box('password')}
            {box('passkey')}
            {box('open')}
            {box('verifyEmail')}
            <NumberInput
              label={t('atlas.signIn.sessionHours')}
              description={t('atlas.signIn.sessionHoursAbout')}
              min={1}
              max={8760}
              allowDecimal={false}
              w={{ base: '100%', xs: 260 }}
              {...form.getInputProps('sessionHours')}
            />
            {may && (
              <Group>
                <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                  {t('action.save')}
                </Button>
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
      <LeaveGuard dirty={form.isDirty() && !save.isPending} />
    </Section>
  )
}

function Keys() {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayHere()('admin')
  const [asking, setAsking] = useState(false)
  const [compromised, setCompromised] = useState(false)
  const key = ['oidc', 'signing-keys', place]
  const keys = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => atlas.oidc.listSigningKeys({ params: place, signal }),
  })
  const rotate = useAction({
    run: () => atlas.oidc.rotateSigningKeys({ params: place, body: { compromised } }),
    done: t('atlas.signIn.rotated'),
    refresh: [key],
    onDone: () => setAsking(false),
  })
  return (
    <Section
      title={t('atlas.signIn.keys')}
      about={t('atlas.signIn.keysAbout')}
      actions={
        may && (
          <Button
            variant="default"
            onClick={() => {
              setCompromised(false)
              setAsking(true)
            }}
          >
            {t('atlas.signIn.rotate')}
          </Button>
        )
      }
    >
      <Loaded query={keys} waiting={<Waiting rows={2} />}>
        {({ items }) => (
          <Facts>
            {items.map((one) => (
              <Fact key={one.kid} name={`${one.algorithm} · ${t(`atlas.signIn.keyState.${one.state}`)}`}>
                <span className="mono wrap-anywhere">{one.kid}</span>{' '}
                <When time={one.activatedAt ?? one.createdAt} />
              </Fact>
            ))}
          </Facts>
        )}
      </Loaded>
      <Confirm
        opened={asking}
        title={t('atlas.signIn.rotate')}
        confirm={t('atlas.signIn.rotate')}
        danger={compromised}
        pending={rotate.isPending}
        onConfirm={() => rotate.mutate()}
        onClose={() => setAsking(false)}
      >
        <Stack>
          {t('atlas.signIn.rotateAbout')}
          <Checkbox
            label={t('atlas.signIn.compromised')}
            description={t('atlas.signIn.compromisedAbout')}
            checked={compromised}
            onChange={(event) => setCompromised(event.currentTarget.checked)}
          />
        </Stack>
      </Confirm>
    </Section>
  )
}
