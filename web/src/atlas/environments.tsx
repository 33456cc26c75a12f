import { Badge, Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus, IconServer } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { FormButtons } from '../parts/form-buttons.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Row } from '../parts/row.tsx'
import { Copy } from '../parts/secret.tsx'
import { Loaded } from '../parts/states.tsx'
import { atlas } from './api.ts'
import { useMayHere, useProject } from './project.ts'

type Environment = Awaited<ReturnType<typeof atlas.projects.listEnvironments>>['items'][number]

export function Environments() {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const may = useMayHere()
  const [adding, setAdding] = useState(false)
  const [changingName, setChangingName] = useState<string>()
  const [removing, setRemoving] = useState<Environment>()
  const queryKey = ['projects', 'environments', projectId]
  const environments = useQuery({
    queryKey,
    queryFn: ({ signal }) => atlas.projects.listEnvironments({ params: { projectId }, signal }),
  })
  // Read from the list, so that what somebody else has changed meanwhile shows.
  const changing = environments.data?.items.find(({ environment }) => environment === changingName)
  const remove = useAction({
    run: ({ environment }: Environment) =>
      atlas.projects.removeEnvironment({ params: { projectId, environment } }),
    done: t('atlas.environments.removed'),
    refresh: [['projects']],
    onDone: () => setRemoving(undefined),
  })
  return (
    <Page
      wide
      title={t('atlas.tab.environments')}
      about={t('atlas.environments.about')}
      actions={
        may('admin') && (
          <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
            {t('atlas.environments.add')}
          </Button>
        )
      }
    >
      <Section>
        <Loaded query={environments}>
          {({ items }) => (
            <Stack gap={0} component="ul" m={0} p={0}>
              {items.map((one) => {
                const production = one.environment === 'production'
                const issuer = `${window.location.origin}/oidc/${one.handle}`
                return (
                  <Row
                    key={one.environment}
                    icon={IconServer}
                    title={
                      <Group gap={8}>
                        <Text fw={560}>{one.environment}</Text>
                        {production && <Badge color="green">{t('atlas.environments.live')}</Badge>}
                      </Group>
                    }
                    about={
                      <Stack gap={4} align="flex-start">
                        <Group gap={8}>
                          <span className="mono">{issuer}</span>
                          <Copy value={issuer} label={t('atlas.environments.copy')} />
                        </Group>
                        {one.settings.allowedOrigins && one.settings.allowedOrigins.length > 0 && (
                          <span>
                            {t('atlas.environments.origins')}: {one.settings.allowedOrigins.join(', ')}
                          </span>
                        )}
                      </Stack>
                    }
                  >
                    {may(production ? 'admin' : 'developer') && (
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={t('atlas.environments.changeNamed', { name: one.environment })}
                        onClick={() => setChangingName(one.environment)}
                      >
                        {t('atlas.change')}
                      </Button>
                    )}
                    {!production && may('admin') && (
                      <Button
                        variant="subtle"
                        color="red"
                        size="compact-sm"
                        aria-label={t('atlas.environments.removeNamed', { name: one.environment })}
                        onClick={() => setRemoving(one)}
                      >
                        {t('atlas.environments.remove')}
                      </Button>
                    )}
                  </Row>
                )
              })}
            </Stack>
          )}
        </Loaded>
      </Section>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('atlas.environments.add')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {adding && <Add onDone={() => setAdding(false)} />}
      </Modal>
      <Modal
        opened={changing !== undefined}
        onClose={() => setChangingName(undefined)}
        title={changing?.environment}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {changing && (
          <Change
            key={changing.version}
            item={changing}
            refresh={queryKey}
            onDone={() => setChangingName(undefined)}
          />
        )}
      </Modal>
      <Confirm
        opened={removing !== undefined}
        title={t('atlas.environments.remove')}
        confirm={t('atlas.environments.remove')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing)}
        onClose={() => setRemoving(undefined)}
      >
        {t('atlas.environments.removeAbout', { name: removing?.environment ?? '' })}
      </Confirm>
    </Page>
  )
}

function Add({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const form = useForm({
    initialValues: { environment: '' },
    validate: {
      environment: (value) => (/^[a-z][a-z0-9-]{0,29}$/.test(value) ? null : t('atlas.environments.nameBad')),
    },
  })
  const add = useAction({
    run: (body: typeof form.values) => atlas.projects.addEnvironment({ params: { projectId }, body }),
    done: t('atlas.environments.added'),
    refresh: [['projects']],
    onDone,
    onFail: (error) => showAtFields(form, error, { environmentExists: 'environment' }),
  })
  return (
    <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.name')}
          description={t('atlas.environments.nameAbout')}
          maxLength={30}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('environment')}
        />
        <FormButtons submit={t('atlas.environments.add')} pending={add.isPending} onCancel={onDone} />
      </Stack>
    </form>
  )
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

function Change({
  item,
  refresh,
  onDone,
}: {
  item: Environment
  refresh: readonly unknown[]
  onDone: () => void
}) {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const form = useForm({
    initialValues: {
      allowedOrigins: (item.settings.allowedOrigins ?? []).join('\n'),
      defaultRedirectUri: item.settings.defaultRedirectUri ?? '',
      defaultLogoutUri: item.settings.defaultLogoutUri ?? '',
    },
  })
  const change = useAction({
    run: (values: typeof form.values) =>
      atlas.projects.updateEnvironment({
        params: { projectId, environment: item.environment },
        body: {
          allowedOrigins: lines(values.allowedOrigins),
          ...(values.defaultRedirectUri.trim()
            ? { defaultRedirectUri: values.defaultRedirectUri.trim() }
            : {}),
          ...(values.defaultLogoutUri.trim() ? { defaultLogoutUri: values.defaultLogoutUri.trim() } : {}),
        },
        ifMatch: String(item.version),
      }),
    done: t('atlas.saved'),
    refresh: [refresh],
    onDone,
    onFail: (error) => showAtFields(form, error),
  })
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack>
        <Textarea
          label={t('atlas.environments.origins')}
          description={t('atlas.environments.originsAbout')}
          placeholder="https://app.example.com"
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          data-autofocus
          {...form.getInputProps('allowedOrigins')}
        />
        <TextInput
          label={t('atlas.environments.redirect')}
          description={t('atlas.environments.redirectAbout')}
          maxLength={400}
          {...form.getInputProps('defaultRedirectUri')}
        />
        <TextInput
          label={t('atlas.environments.logout')}
          description={t('atlas.environments.logoutAbout')}
          maxLength={400}
          {...form.getInputProps('defaultLogoutUri')}
        />
        <FormButtons submit={t('action.save')} pending={change.isPending} onCancel={onDone} />
      </Stack>
    </form>
  )
}
