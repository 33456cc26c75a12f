import { Button, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { Section } from '../parts/page.tsx'
import { isProblem, problemWords } from '../parts/problem.ts'
import { Row } from '../parts/row.tsx'
import { Empty } from '../parts/states.tsx'
import { atlas, type SignInSettings } from './api.ts'
import { useMayHere, usePlace } from './project.ts'

type Api = SignInSettings['apis'][number]

/** The project's own APIs: apps ask for tokens for them, and they verify those by the issuer's keys. */
export function Apis({ settings }: { settings: SignInSettings }) {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayHere()('admin')
  /** The API that is being changed; 'new': another. */
  const [open, setOpen] = useState<Api | 'new'>()
  const save = useAction({
    run: (apis: readonly Api[]) =>
      atlas.oidc.changeSettings({
        params: place,
        body: { apis: [...apis] },
        ifMatch: String(settings.version),
      }),
    done: t('atlas.saved'),
    refresh: [['oidc', 'settings']],
    onDone: () => setOpen(undefined),
  })
  const add = may && (
    <Button variant="default" leftSection={<IconPlus size={18} />} onClick={() => setOpen('new')}>
      {t('atlas.apis.add')}
    </Button>
  )
  return (
    <Section
      title={t('atlas.apis.title')}
      about={t('atlas.apis.about')}
      actions={settings.apis.length > 0 && add}
    >
      {settings.apis.length === 0 ? (
        <Empty icon={IconPlugConnected} title={t('atlas.apis.none')} action={add}>
          {t('atlas.apis.noneAbout')}
        </Empty>
      ) : (
        <Stack gap={0} component="ul" m={0} p={0}>
          {settings.apis.map((api) => (
            <Row
              key={api.audience}
              icon={IconPlugConnected}
              title={
                <Text fw={560} className="wrap-anywhere">
                  {api.name}
                </Text>
              }
              about={
                <Stack gap={0}>
                  <span className="mono">{api.audience}</span>
                  {api.scopes.length > 0 && <span>{api.scopes.map(({ name }) => name).join(', ')}</span>}
                </Stack>
              }
            >
              {may && (
                <>
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    aria-label={t('atlas.environments.changeNamed', { name: api.name })}
                    onClick={() => setOpen(api)}
                  >
                    {t('atlas.change')}
                  </Button>
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-sm"
                    aria-label={t('atlas.environments.removeNamed', { name: api.name })}
                    loading={save.isPending && !open}
                    onClick={() => save.mutate(settings.apis.filter((one) => one !== api))}
                  >
                    {t('atlas.environments.remove')}
                  </Button>
                </>
              )}
            </Row>
          ))}
        </Stack>
      )}
      <Modal
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        title={open === 'new' ? t('atlas.apis.add') : open?.name}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && (
          <ApiForm
            api={open === 'new' ? undefined : open}
            pending={save.isPending}
            error={save.error}
            onClose={() => setOpen(undefined)}
            onSave={(next) =>
              save.mutate(
                open === 'new'
                  ? [...settings.apis, next]
                  : settings.apis.map((one) => (one === open ? next : one)),
              )
            }
          />
        )}
      </Modal>
    </Section>
  )
}

/** `name What it allows`, one a line, as it is typed. */
function scopesOf(text: string): Api['scopes'] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [name = '', ...words] = line.split(/\s+/)
      return { name, description: words.join(' ') }
    })
}

function ApiForm({
  api,
  pending,
  error,
  onSave,
  onClose,
}: {
  api: Api | undefined
  pending: boolean
  error: unknown
  onSave: (api: Api) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const form = useForm({
    initialValues: {
      name: api?.name ?? '',
      audience: api?.audience ?? '',
      scopes: (api?.scopes ?? []).map(({ name, description }) => `${name} ${description}`).join('\n'),
    },
    validate: {
      name: (value) => (value.trim() === '' ? t('field.needed') : null),
      audience: (value) => (/^https?:\/\/[^#\s]+$/.test(value) ? null : t('atlas.apis.audienceBad')),
      scopes: (value) =>
        scopesOf(value).every(({ name }) => /^[a-z][a-z0-9_.-]{0,39}(:[a-z0-9_.-]{1,40})?$/.test(name))
          ? null
          : t('atlas.apis.scopesBad'),
    },
  })
  const refused = isProblem(error, 'apiRefused') ? problemWords(error) : undefined
  return (
    <form
      onSubmit={form.onSubmit(({ name, audience, scopes }) =>
        onSave({ name: name.trim(), audience: audience.trim(), scopes: scopesOf(scopes) }),
      )}
    >
      <Stack>
        <TextInput
          label={t('field.name')}
          maxLength={100}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('atlas.apis.audience')}
          description={t('atlas.apis.audienceAbout')}
          placeholder="https://api.example.com"
          maxLength={500}
          spellCheck={false}
          required
          withAsterisk={false}
          {...form.getInputProps('audience')}
          error={form.errors.audience ?? (refused && (refused.detail ?? refused.title))}
        />
        <Textarea
          label={t('atlas.apis.scopes')}
          description={t('atlas.apis.scopesAbout')}
          placeholder={t('atlas.apis.scopesExample')}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          {...form.getInputProps('scopes')}
        />
        <FormButtons submit={t('action.save')} pending={pending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
