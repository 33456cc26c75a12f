/** Inputs of the form of a provider. */
import { Button, Group, PasswordInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fullTime } from '../parts/time.tsx'
import type { CatalogueEntry, Configuration } from './provider-list.ts'
import type { Values } from './provider-values.ts'
import { said } from './provider-words.ts'

type Form = UseFormReturnType<Values>
const plain = { autoComplete: 'off', spellCheck: false } as const

/** What a provider calls its own things is left as it is, so that people find it in its console. */
export function labelOf(entry: CatalogueEntry, label: string): string {
  return entry.generic ? said(label) : label
}

/** A further setting that the catalogue asks for. */
export function SettingField({
  form,
  entry,
  field,
}: {
  form: Form
  entry: CatalogueEntry
  field: CatalogueEntry['fields'][number]
}) {
  const { t } = useTranslation()
  const usual = field.default === undefined ? '' : t('atlas.providers.default', { value: field.default })
  const props = {
    label: labelOf(entry, field.label),
    ...(field.hint ? { description: said(field.hint) } : {}),
    placeholder: usual,
    required: field.required,
    withAsterisk: false,
    ...form.getInputProps(`settings.${field.key}`),
  }
  if (field.choices) {
    const { onChange, value, ...rest } = props
    return (
      <Select
        {...rest}
        data={[...field.choices]}
        value={value === '' ? null : value}
        onChange={(chosen) => onChange(chosen ?? '')}
        clearable={!field.required}
      />
    )
  }
  return field.kind === 'multiline' ? (
    <Textarea {...props} {...plain} autosize minRows={3} maxRows={12} maxLength={2000} />
  ) : (
    <TextInput {...props} {...plain} maxLength={2000} />
  )
}

/** Write-only: of a secret that is kept only the time is shown, and a way to replace it. */
export function SecretField({
  form,
  entry,
  configuration,
}: {
  form: Form
  entry: CatalogueEntry
  configuration: Configuration | undefined
}) {
  const { t } = useTranslation()
  const [replacing, setReplacing] = useState(false)
  const label = labelOf(entry, entry.secretLabel)
  if (configuration?.secretSet && !replacing)
    return (
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Group justify="space-between" mt={4}>
          <Text size="sm" c="dimmed">
            {t('atlas.providers.secretKept')}{' '}
            {configuration.secretChangedAt && fullTime(configuration.secretChangedAt)}
          </Text>
          <Button
            variant="default"
            size="compact-sm"
            aria-label={t('atlas.providers.replaceSecret', { label })}
            onClick={() => setReplacing(true)}
          >
            {t('atlas.providers.replace')}
          </Button>
        </Group>
      </div>
    )
  const props = {
    label,
    description: t('atlas.providers.secretAbout'),
    maxLength: 10_000,
    ...plain,
    ...form.getInputProps('secret'),
  }
  return (
    <Stack gap={6}>
      {entry.secretKind === 'multiline' ? (
        <Textarea {...props} className="mono" autosize minRows={4} maxRows={12} data-autofocus={replacing} />
      ) : (
        // Not a password of this site: its manager shall neither fill nor keep it.
        <PasswordInput
          {...props}
          autoComplete="new-password"
          data-1p-ignore
          data-lpignore="true"
          data-autofocus={replacing}
          visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword'), tabIndex: 0 }}
        />
      )}
      {replacing && (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              form.setFieldValue('secret', '')
              setReplacing(false)
            }}
          >
            {t('atlas.providers.keep')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

/** Rows of names and values. */
export function ParameterRows({ form }: { form: Form }) {
  const { t } = useTranslation()
  const rows = form.values.parameters
  return (
    <Stack gap="xs" role="group" aria-label={t('atlas.providers.parameters')}>
      <div>
        <Text size="sm" fw={500}>
          {t('atlas.providers.parameters')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('atlas.providers.parametersAbout')}
        </Text>
      </div>
      {rows.map((parameter, at) => (
        <Group key={parameter.row} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            flex={1}
            aria-label={t('atlas.providers.parameter', { number: at + 1 })}
            placeholder="prompt"
            maxLength={60}
            {...plain}
            {...form.getInputProps(`parameters.${at}.key`)}
          />
          <TextInput
            flex={1.4}
            aria-label={t('atlas.providers.value', { number: at + 1 })}
            placeholder="select_account"
            maxLength={2000}
            {...plain}
            {...form.getInputProps(`parameters.${at}.value`)}
          />
          <Button
            variant="subtle"
            color="gray"
            px={8}
            aria-label={t('atlas.providers.removeParameter', { number: at + 1 })}
            onClick={() => form.removeListItem('parameters', at)}
          >
            <IconX size={17} />
          </Button>
        </Group>
      ))}
      {form.errors['parameters'] && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors['parameters']}
        </Text>
      )}
      {rows.length < 20 && (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={15} />}
            onClick={() =>
              form.insertListItem('parameters', {
                row: Math.max(-1, ...rows.map(({ row }) => row)) + 1,
                key: '',
                value: '',
              })
            }
          >
            {t('atlas.providers.addParameter')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
