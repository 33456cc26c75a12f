import {
  Badge,
  Button,
  Checkbox,
  Group,
  Modal,
  ScrollArea,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMe } from '../me.ts'
import { showAtFields, useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Page, Section } from '../parts/page.tsx'
import { permissionWords } from '../parts/permissions.ts'
import { proven } from '../parts/proven.ts'
import { Row } from '../parts/row.tsx'
import { Secret } from '../parts/secret.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'

const key = ['auth', 'tokens'] as const
type Token = Awaited<ReturnType<typeof api.auth.listTokens>>['items'][number]
const lifetimes = [7, 30, 90, 366] as const

export function Tokens() {
  const { t } = useTranslation()
  const tokens = useQuery({ queryKey: key, queryFn: ({ signal }) => api.auth.listTokens({ signal }) })
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<Token>()
  const revoke = useAction({
    run: (token: Token) => api.auth.revokeToken({ params: { tokenId: token.id } }),
    done: t('token.revoked'),
    refresh: [key],
    onDone: () => setRevoking(undefined),
  })
  const create = (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
      {t('token.create')}
    </Button>
  )
  return (
    <Page
      title={t('place.tokens')}
      about={t('placeAbout.tokens')}
      actions={(tokens.data?.items.length ?? 0) > 0 && create}
    >
      <Section>
        <Loaded query={tokens}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon={IconKey} title={t('token.none')} action={create}>
                {t('token.noneAbout')}
              </Empty>
            ) : (
              <Stack gap={0} component="ul" m={0} p={0}>
                {items.map((token) => (
                  <Row
                    key={token.id}
                    icon={IconKey}
                    title={
                      <Group gap={8}>
                        <Text fw={560}>{token.name}</Text>
                        <Text c="dimmed" className="mono">
                          {token.hint}…
                        </Text>
                      </Group>
                    }
                    about={
                      <Stack gap={6}>
                        <span>
                          {token.lastUsedAt ? (
                            <>
                              {t('item.used')} <When time={token.lastUsedAt} />
                            </>
                          ) : (
                            t('item.neverUsed')
                          )}
                          {' · '}
                          {token.expiresAt ? (
                            <>
                              {t('token.expires')} <When time={token.expiresAt} />
                            </>
                          ) : (
                            t('token.never')
                          )}
                        </span>
                        <Group gap={4}>
                          {token.scopes.map((scope) => (
                            <Badge key={scope} color="gray">
                              {scope}
                            </Badge>
                          ))}
                        </Group>
                      </Stack>
                    }
                  >
                    <Button
                      variant="subtle"
                      color="red"
                      size="sm"
                      aria-label={t('token.revokeNamed', { name: token.name })}
                      onClick={() => setRevoking(token)}
                    >
                      {t('token.revoke')}
                    </Button>
                  </Row>
                ))}
              </Stack>
            )
          }
        </Loaded>
      </Section>
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title={t('token.create')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {creating && <CreateToken onClose={() => setCreating(false)} />}
      </Modal>
      <Confirm
        opened={revoking !== undefined}
        title={t('token.revoke')}
        confirm={t('token.revoke')}
        pending={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking)}
        onClose={() => setRevoking(undefined)}
      >
        {t('token.revokeAbout', { name: revoking?.name ?? '' })}
      </Confirm>
    </Page>
  )
}

function CreateToken({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const held = useMe().data?.permissions ?? []
  const [secret, setSecret] = useState<string>()
  const form = useForm({
    initialValues: { name: '', scopes: [] as string[], days: '30' },
    validate: { name: (value) => (value.trim() === '' ? t('field.needed') : null) },
  })
  const create = useAction({
    run: ({ name, scopes, days }: typeof form.values) =>
      proven(() =>
        api.auth.createToken({
          body: { name: name.trim(), scopes, ...(days === 'never' ? {} : { expiresInDays: Number(days) }) },
        }),
      ),
    refresh: [key],
    onDone: (made) => setSecret(made.secret),
    onFail: (error) => showAtFields(form, error),
  })
  if (secret !== undefined) return <Secret secret={secret} onClose={onClose} />
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.name')}
          placeholder={t('token.nameExample')}
          maxLength={60}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select
          label={t('token.lifetime')}
          allowDeselect={false}
          data={[
            ...lifetimes.map((days) => ({ value: String(days), label: t('token.days', { count: days }) })),
            { value: 'never', label: t('token.never') },
          ]}
          {...form.getInputProps('days')}
        />
        <Checkbox.Group
          label={t('token.scopes')}
          description={t(held.length > 0 ? 'token.scopesAbout' : 'token.scopesNone')}
          {...form.getInputProps('scopes')}
        >
          {held.length > 0 && (
            <ScrollArea.Autosize mah={220} mt="sm" type="auto" viewportProps={{ tabIndex: 0 }}>
              <Stack gap="xs">
                {held.map((permission) => (
                  <Checkbox
                    key={permission}
                    value={permission}
                    label={permission}
                    description={permissionWords(permission)}
                  />
                ))}
              </Stack>
            </ScrollArea.Autosize>
          )}
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('token.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
