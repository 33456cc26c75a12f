import { Badge, Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { atlas } from '../../atlas/api.ts'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { useList } from '../../parts/list.ts'
import { Section } from '../../parts/page.tsx'
import { Row } from '../../parts/row.tsx'
import { Secret } from '../../parts/secret.tsx'
import { Failed, Waiting } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import type { PortalProps } from './begin.tsx'
import { mayIn, type Place, rehearses, scopes } from './data.ts'

const DAY_MS = 86_400_000
const lifetimes = [30, 90, 365] as const

export const keysKey = ({ projectId, environment }: Place) =>
  ['projects', 'keys', projectId, environment] as const

/** Keys of the environment, as far as the workshop is concerned; the rest of their life is Atlas' own page. */
export function Keys({ project, place }: PortalProps) {
  const { t } = useTranslation()
  const [creating, create] = useDisclosure()
  const seen = mayIn(project, 'developer')
  const may = mayIn(project, rehearses(place.environment) ? 'developer' : 'admin')
  const { slug } = project
  const env = rehearses(place.environment) ? { env: place.environment } : {}
  return (
    <Section
      title={t('partners.keys')}
      about={t(may ? 'partners.keysAbout' : seen ? 'partners.keysAdmin' : 'partners.keysDeveloper')}
      actions={
        seen && (
          <>
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link to="/atlas/$slug/keys" params={{ slug }} search={env} {...props} />
              )}
            >
              {t('partners.toKeys')}
            </Button>
            {may && (
              <Button leftSection={<IconPlus size={18} />} onClick={create.open}>
                {t('partners.createKey')}
              </Button>
            )}
          </>
        )
      }
    >
      {seen && <KeyList place={place} />}
      <Modal
        opened={creating}
        onClose={create.close}
        title={t('partners.createKey')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {creating && <CreateKey place={place} onClose={create.close} />}
      </Modal>
    </Section>
  )
}

function KeyList({ place }: { place: Place }) {
  const { t } = useTranslation()
  const list = useList({
    queryKey: keysKey(place),
    load: (cursor, signal) =>
      atlas.projects.listKeys({
        params: { projectId: place.projectId },
        query: { environment: place.environment, ...cursor },
        signal,
      }),
  })
  if (list.query.isPending) return <Waiting rows={1} height={56} />
  if (list.query.isError) return <Failed error={list.query.error} retry={() => void list.query.refetch()} />
  const ours = list.items.filter((key) => scopes.some((scope) => key.scopes.includes(scope)))
  if (ours.length === 0) return <Text c="dimmed">{t('partners.noKeys')}</Text>
  return (
    <ul style={{ margin: 0, padding: 0, listStyle: 'none' }}>
      {ours.map((key) => (
        <Row
          key={key.keyId}
          icon={IconKey}
          title={
            <Group gap={8}>
              <Text fw={560} className="wrap-anywhere">
                {key.name}
              </Text>
              <Text c="dimmed" size="sm" className="mono">
                {key.hint}…
              </Text>
            </Group>
          }
          about={
            <Group gap={6} mt={4}>
              {scopes
                .filter((scope) => key.scopes.includes(scope))
                .map((scope) => (
                  <Badge key={scope} color="gray">
                    {scope}
                  </Badge>
                ))}
              <span>
                {key.lastUsedAt ? (
                  <>
                    {t('item.used')} <When time={key.lastUsedAt} />
                  </>
                ) : (
                  t('item.neverUsed')
                )}
              </span>
            </Group>
          }
        />
      ))}
    </ul>
  )
}

function CreateKey({ place, onClose }: { place: Place; onClose: () => void }) {
  const { t } = useTranslation()
  const [secret, setSecret] = useState<string>()
  const form = useForm({
    initialValues: { name: t('partners.keyName'), scopes: [...scopes] as string[], days: '365' },
    validate: {
      name: (value) => (value.trim() === '' ? t('field.needed') : null),
      scopes: (value) => (value.length === 0 ? t('partners.scopesNeeded') : null),
    },
  })
  const create = useAction({
    run: ({ name, days, ...body }: typeof form.values) =>
      atlas.projects.createKey({
        params: { projectId: place.projectId },
        body: {
          ...body,
          environment: place.environment,
          name: name.trim(),
          expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
        },
      }),
    refresh: [keysKey(place)],
    onDone: (made) => setSecret(made.secret),
    onFail: (error) => showAtFields(form, error),
  })
  if (secret !== undefined) return <Secret secret={secret} onClose={onClose} />
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput label={t('field.name')} maxLength={60} data-autofocus {...form.getInputProps('name')} />
        <Select
          label={t('token.lifetime')}
          allowDeselect={false}
          data={lifetimes.map((days) => ({ value: String(days), label: t('token.days', { count: days }) }))}
          {...form.getInputProps('days')}
        />
        <Checkbox.Group label={t('token.scopes')} {...form.getInputProps('scopes')}>
          <Stack gap="xs" mt={8}>
            {scopes.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={scope}
                description={t(`partners.scope.${scope.replace(':', '_') as 'quotes_write'}`)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <FormButtons submit={t('partners.createKey')} pending={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
