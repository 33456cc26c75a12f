import {
  Button,
  Checkbox,
  Collapse,
  Group,
  MultiSelect,
  NumberInput,
  Radio,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { isProblem } from '../parts/problem.ts'
import { Secret } from '../parts/secret.tsx'
import { atlas } from './api.ts'
import { type App, appsKey } from './app-list.ts'
import { usePlace } from './project.ts'

const kinds = ['web', 'browser', 'native', 'device', 'machine'] as const
type Kind = (typeof kinds)[number]

interface Values {
  name: string
  kind: Kind
  redirectUris: string
  postLogoutRedirectUris: string
  backchannelLogoutUri: string
  scopes: string[]
  ask: boolean
  requirePar: boolean
  requireDpop: boolean
  tokenExchange: boolean
  accessTokenMinutes: number
  refreshTokenDays: number
}

/** Not empty lines of a text, trimmed. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

const hasBrowser = (kind: Kind) => kind === 'web' || kind === 'browser' || kind === 'native'
const hasSecret = (kind: Kind) => kind === 'web' || kind === 'machine'

function valuesOf(app: App | undefined): Values {
  return {
    name: app?.name ?? '',
    kind: app?.kind ?? 'web',
    redirectUris: (app?.redirectUris ?? []).join('\n'),
    postLogoutRedirectUris: (app?.postLogoutRedirectUris ?? []).join('\n'),
    backchannelLogoutUri: app?.backchannelLogoutUri ?? '',
    scopes: [...(app?.scopes ?? [])],
    ask: app?.consent === 'ask',
    requirePar: app?.requirePar ?? false,
    requireDpop: app?.requireDpop ?? false,
    tokenExchange: app?.tokenExchange ?? false,
    accessTokenMinutes: Math.round((app?.accessTokenSeconds ?? 900) / 60),
    refreshTokenDays: app?.refreshTokenDays ?? 30,
  }
}

/** What the contract takes of the form: only what makes sense for the kind of app. */
function bodyOf(values: Values) {
  return {
    name: values.name.trim(),
    scopes: values.scopes,
    requireDpop: values.requireDpop,
    accessTokenSeconds: values.accessTokenMinutes * 60,
    ...(hasBrowser(values.kind)
      ? {
          redirectUris: linesOf(values.redirectUris),
          postLogoutRedirectUris: linesOf(values.postLogoutRedirectUris),
          requirePar: values.requirePar,
        }
      : {}),
    ...(values.kind === 'machine'
      ? {}
      : {
          consent: values.ask ? ('ask' as const) : ('skip' as const),
          refreshTokenDays: values.refreshTokenDays,
        }),
    ...(values.kind === 'web' ? { backchannelLogoutUri: values.backchannelLogoutUri.trim() || null } : {}),
    ...(hasSecret(values.kind) ? { tokenExchange: values.tokenExchange } : {}),
  }
}

/** Creates an app, whose secret is then shown, or changes one. */
export function AppForm({ app, onClose }: { app?: App; onClose: () => void }) {
  const { t } = useTranslation()
  const place = usePlace()
  const [secret, setSecret] = useState<string>()
  const [more, setMore] = useState(app !== undefined)
  const form = useForm<Values>({
    initialValues: valuesOf(app),
    validate: {
      name: (value) => (value.trim() === '' ? t('field.needed') : null),
      redirectUris: (value, { kind }) =>
        hasBrowser(kind) && linesOf(value).length === 0 ? t('field.needed') : null,
    },
  })
  const { kind } = form.values
  const save = useAction({
    run: async (values: Values) => {
      if (app) {
        const params = { ...place, appId: app.appId }
        await atlas.oidc.changeApp({ params, body: bodyOf(values), ifMatch: String(app.version) })
        return undefined
      }
      const made = await atlas.oidc.createApp({ params: place, body: { ...bodyOf(values), kind } })
      return made.clientSecret
    },
    done: t(app ? 'atlas.saved' : 'atlas.apps.added'),
    refresh: [appsKey(place)],
    onDone: (made) => {
      if (made) setSecret(made)
      else onClose()
    },
    onFail: (error) => showAtFields(form, error) || showRefusal(form, error),
  })
  if (secret !== undefined) return <Secret secret={secret} onClose={onClose} />
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.name')}
          description={t('atlas.apps.nameAbout')}
          maxLength={100}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        {!app && (
          <Radio.Group label={t('atlas.apps.kind')} {...form.getInputProps('kind')}>
            <Stack gap="xs" mt={6}>
              {kinds.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={t(`atlas.apps.kinds.${one}`)}
                  description={t(`atlas.apps.kindAbout.${one}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
        {hasBrowser(kind) && (
          <Textarea
            label={t('atlas.apps.redirects')}
            description={t('atlas.apps.redirectsAbout')}
            placeholder="https://app.example.com/callback"
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            {...form.getInputProps('redirectUris')}
          />
        )}
        {!more && (
          <Group>
            <Button variant="subtle" size="compact-sm" onClick={() => setMore(true)}>
              {t('atlas.apps.more')}
            </Button>
          </Group>
        )}
        <Collapse expanded={more}>
          <Stack>
            <More form={form} kind={kind} />
          </Stack>
        </Collapse>
        <FormButtons
          submit={t(app ? 'action.save' : 'atlas.apps.add')}
          pending={save.isPending}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}

/** Refusals that name no field: which address, which scope. */
function showRefusal(form: UseFormReturnType<Values>, error: unknown): boolean {
  if (!(error instanceof Error) || !('problem' in error)) return false
  const { uri, reason, scopes } = error.problem as { uri?: string; reason?: string; scopes?: string[] }
  if (isProblem(error, 'redirectUriRefused') && uri !== undefined) {
    const field = linesOf(form.values.postLogoutRedirectUris).includes(uri)
      ? 'postLogoutRedirectUris'
      : linesOf(form.values.redirectUris).includes(uri)
        ? 'redirectUris'
        : 'backchannelLogoutUri'
    form.setFieldError(field, `${uri}: ${reason ?? error.message}`)
    return true
  }
  if (isProblem(error, 'scopeUnknown')) {
    form.setFieldError('scopes', `${error.message} ${(scopes ?? []).join(', ')}`)
    return true
  }
  return false
}

function More({ form, kind }: { form: UseFormReturnType<Values>; kind: Kind }) {
  const { t } = useTranslation()
  const place = usePlace()
  const settings = useQuery({
    queryKey: ['oidc', 'settings', place],
    queryFn: ({ signal }) => atlas.oidc.getSettings({ params: place, signal }),
  })
  const offered = [
    ...(settings.data?.apis ?? []).flatMap((api) => api.scopes.map(({ name }) => name)),
    ...(settings.data?.installationApi.scopes ?? [])
      .filter(({ forPeople }) => forPeople || kind === 'machine')
      .map(({ name }) => name),
  ]
  const box = (name: 'requirePar' | 'requireDpop' | 'tokenExchange') => (
    <Checkbox
      label={t(`atlas.apps.${name}`)}
      description={t(`atlas.apps.${name}About`)}
      {...form.getInputProps(name, { type: 'checkbox' })}
    />
  )
  return (
    <>
      {hasBrowser(kind) && (
        <Textarea
          label={t('atlas.apps.logouts')}
          description={t('atlas.apps.logoutsAbout')}
          autosize
          minRows={1}
          maxRows={8}
          spellCheck={false}
          {...form.getInputProps('postLogoutRedirectUris')}
        />
      )}
      {kind === 'web' && (
        <TextInput
          label={t('atlas.apps.backchannel')}
          description={t('atlas.apps.backchannelAbout')}
          spellCheck={false}
          {...form.getInputProps('backchannelLogoutUri')}
        />
      )}
      <MultiSelect
        label={t('atlas.apps.scopes')}
        description={t('atlas.apps.scopesAbout')}
        data={[...new Set([...offered, ...form.values.scopes])]}
        searchable
        clearable
        {...form.getInputProps('scopes')}
      />
      {kind !== 'machine' && (
        <Switch
          label={t('atlas.apps.ask')}
          description={t('atlas.apps.askAbout')}
          {...form.getInputProps('ask', { type: 'checkbox' })}
        />
      )}
      <Group grow align="flex-start">
        <NumberInput
          label={t('atlas.apps.accessMinutes')}
          min={1}
          max={1440}
          allowDecimal={false}
          {...form.getInputProps('accessTokenMinutes')}
        />
        {kind !== 'machine' && (
          <NumberInput
            label={t('atlas.apps.refreshDays')}
            min={1}
            max={365}
            allowDecimal={false}
            {...form.getInputProps('refreshTokenDays')}
          />
        )}
      </Group>
      <Text fw={560} size="sm">
        {t('atlas.apps.stricter')}
      </Text>
      {hasBrowser(kind) && box('requirePar')}
      {box('requireDpop')}
      {hasSecret(kind) && box('tokenExchange')}
    </>
  )
}
