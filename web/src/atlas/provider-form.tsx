import {
  Alert,
  Button,
  Collapse,
  Group,
  List,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import i18next from 'i18next'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LeaveGuard } from '../parts/leave-guard.tsx'
import { labelOf, ParameterRows, SecretField, SettingField } from './provider-fields.tsx'
import { type CatalogueEntry, type Configuration, keyPattern } from './provider-list.ts'
import { Instructions, RedirectUri } from './provider-redirect.tsx'
import { useSaveProvider } from './provider-save.ts'
import { type Conflicting, type Values, valuesOf } from './provider-values.ts'
import { said } from './provider-words.ts'

/** Configures a provider of the catalogue, or changes its configuration. */
export function ProviderForm({
  entry,
  configuration,
  suggestedKey,
  onDone,
  onClose,
}: {
  entry: CatalogueEntry
  configuration?: Configuration
  /** Key of a new one, which a generic provider may be given instead of. */
  suggestedKey: string
  onDone: (saved: Configuration) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [more, setMore] = useState(false)
  const form = useForm<Values>({
    initialValues: valuesOf(entry, configuration, configuration?.provider ?? suggestedKey),
    validate: (values) => troublesOf(values, entry, configuration),
  })
  const save = useSaveProvider({
    entry,
    form,
    configuration,
    onDone,
    // What is wrong must be seen.
    onTrouble: (names) => {
      if (names.some((name) => /^(scopes|parameters|returnUrls)/.test(name))) setMore(true)
    },
  })
  return (
    <form noValidate onSubmit={form.onSubmit(save.submit, (errors) => save.showTrouble(Object.keys(errors)))}>
      <Stack gap="lg">
        <Step title={t('atlas.providers.register')} aside={<Instructions entry={entry} />}>
          {entry.generic && !configuration && (
            <TextInput
              label={t('atlas.providers.key')}
              description={t('atlas.providers.keyAbout')}
              maxLength={30}
              autoComplete="off"
              spellCheck={false}
              {...form.getInputProps('provider')}
            />
          )}
          <RedirectUri entry={entry} provider={form.values.provider} />
          {entry.notes.length > 0 && <Notes entry={entry} />}
        </Step>
        <Step title={t('atlas.providers.credentials')}>
          <TextInput
            label={labelOf(entry, entry.clientIdLabel)}
            maxLength={500}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            {...form.getInputProps('clientId')}
          />
          <SecretField form={form} entry={entry} configuration={save.current} />
          {entry.fields.map((field) => (
            <SettingField key={field.key} form={form} entry={entry} field={field} />
          ))}
        </Step>
        <Step title={t('atlas.providers.use')}>
          <TextInput label={t('atlas.providers.name')} maxLength={60} {...form.getInputProps('name')} />
          <Switch
            label={t('atlas.providers.enabled')}
            description={t('atlas.providers.enabledAbout')}
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
          <Switch
            label={t('atlas.providers.signIn')}
            description={t('atlas.providers.signInAbout')}
            {...form.getInputProps('signIn', { type: 'checkbox' })}
          />
          {!more && (
            <Group>
              <Button variant="subtle" size="compact-sm" onClick={() => setMore(true)}>
                {t('atlas.providers.more')}
              </Button>
            </Group>
          )}
          <Collapse expanded={more}>
            <More form={form} entry={entry} />
          </Collapse>
        </Step>
        {save.merged && <Conflict merged={save.merged} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={configuration && !form.isDirty()}>
            {t(configuration ? 'action.save' : 'atlas.providers.add')}
          </Button>
        </Group>
      </Stack>
      <LeaveGuard dirty={form.isDirty() && !save.isPending && !save.isSuccess} />
    </form>
  )
}

function Step({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <Stack component="section" gap="sm">
      <Group justify="space-between" gap="xs">
        <Title order={3}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Stack>
  )
}

function Notes({ entry }: { entry: CatalogueEntry }) {
  const { t } = useTranslation()
  return (
    <Alert role="note" color="gray" icon={<IconInfoCircle size={18} />} title={t('atlas.providers.notes')}>
      <List size="sm" spacing={4}>
        {entry.notes.map((note) => (
          <List.Item key={note}>{said(note)}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

/** Two people saved; what came of it stands in the form. */
function Conflict({ merged: { theirs, both } }: { merged: Conflicting }) {
  const { t } = useTranslation()
  const named = (fields: Conflicting['theirs']) =>
    fields.map((field) => t(`atlas.providers.field.${field}`)).join(', ')
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<IconAlertTriangle size={20} />}
      title={t('atlas.providers.conflict')}
    >
      {theirs.length > 0 && (
        <Text size="sm">{t('atlas.providers.conflictTheirs', { fields: named(theirs) })}</Text>
      )}
      {both.length > 0 && <Text size="sm">{t('atlas.providers.conflictBoth', { fields: named(both) })}</Text>}
      <Text size="sm">{t('atlas.providers.conflictMend')}</Text>
    </Alert>
  )
}

function More({ form, entry }: { form: UseFormReturnType<Values>; entry: CatalogueEntry }) {
  const { t } = useTranslation()
  return (
    <Stack>
      {entry.kind !== 'signed' && (
        <>
          <TagsInput
            label={t('atlas.providers.scopes')}
            description={t('atlas.providers.scopesAbout', {
              scopes: entry.scopes.join(' ') || t('atlas.providers.noScopes'),
            })}
            data={[...entry.scopes]}
            splitChars={[' ', ',']}
            clearable={false}
            {...form.getInputProps('scopes')}
          />
          <ParameterRows form={form} />
        </>
      )}
      <Textarea
        label={t('atlas.providers.returnUrls')}
        description={t('atlas.providers.returnUrlsAbout')}
        placeholder="https://app.example.com/connected"
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        {...form.getInputProps('returnUrls')}
      />
    </Stack>
  )
}

/** What can be seen to be wrong without the server. */
function troublesOf(
  values: Values,
  entry: CatalogueEntry,
  configuration: Configuration | undefined,
): Record<string, string> {
  const found: Record<string, string> = {}
  const t = i18next.t
  if (!keyPattern.test(values.provider)) found['provider'] = t('atlas.providers.keyBad')
  if (values.name.trim() === '') found['name'] = t('field.needed')
  if (values.clientId.trim() === '') found['clientId'] = t('field.needed')
  if (entry.secretRequired && !configuration?.secretSet && values.secret === '')
    found['secret'] = t('field.needed')
  for (const { key, required } of entry.fields)
    if (required && !values.settings[key]?.trim()) found[`settings.${key}`] = t('field.needed')
  const names = values.parameters.map(({ key }) => key.trim())
  for (const [at, name] of names.entries())
    if (name !== '' && !/^[A-Za-z][A-Za-z0-9_.-]{0,59}$/.test(name))
      found[`parameters.${at}.key`] = t('atlas.providers.parameterBad')
    else if (name !== '' && names.indexOf(name) < at)
      found[`parameters.${at}.key`] = t('atlas.providers.parameterTwice')
  return found
}
