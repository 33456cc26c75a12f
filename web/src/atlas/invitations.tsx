import { Badge, Group, Menu, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { ProjectRole } from '@pleiad/platform/contract'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../parts/actions.ts'
import { FormButtons } from '../parts/form-buttons.tsx'
import { ItemMenu } from '../parts/item-menu.tsx'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { useProject } from './project.ts'
import { RoleSelect } from './role-select.tsx'

type Invitation = Awaited<ReturnType<typeof atlas.projects.listInvitations>>['items'][number]
const invitationsKey = (projectId: string) => ['projects', 'invitations', projectId] as const

/** Asks for an address and a role, and mails an invitation. */
export function Invite({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const form = useForm({ initialValues: { email: '', role: 'developer' as ProjectRole } })
  const invite = useAction({
    run: (body: typeof form.values) => atlas.projects.inviteMember({ params: { projectId }, body }),
    done: (_, { email }) => t('atlas.members.invited', { email }),
    refresh: [invitationsKey(projectId)],
    onDone,
    onFail: (error) => showAtFields(form, error, { alreadyInvited: 'email' }),
  })
  return (
    <form onSubmit={form.onSubmit((values) => invite.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.email')}
          type="email"
          maxLength={254}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('email')}
        />
        <RoleSelect value={form.values.role} onChange={(role) => form.setFieldValue('role', role)} />
        <FormButtons submit={t('atlas.members.invite')} pending={invite.isPending} onCancel={onDone} />
      </Stack>
    </form>
  )
}

/** Who was asked to join and has not answered yet. */
export function Invitations() {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const list = useList({
    queryKey: invitationsKey(projectId),
    load: (cursor, signal) =>
      atlas.projects.listInvitations({ params: { projectId }, query: cursor, signal }),
  })
  const refresh = [invitationsKey(projectId)]
  const of = (invitation: Invitation) => ({ projectId, invitationId: invitation.invitationId })
  const resend = useAction({
    run: (invitation: Invitation) => atlas.projects.resendInvitation({ params: of(invitation) }),
    done: (_, { email }) => t('atlas.members.invited', { email }),
    refresh,
  })
  const revoke = useAction({
    run: (invitation: Invitation) => atlas.projects.revokeInvitation({ params: of(invitation) }),
    done: t('atlas.members.revoked'),
    refresh,
  })
  if (list.items.length === 0 && !list.query.isError) return null
  return (
    <Stack gap="sm">
      <Title order={2}>{t('atlas.members.invitations')}</Title>
      <ListPanel list={list} empty={null}>
        {(items) => (
          <ItemTable
            items={items}
            idOf={(invitation) => invitation.invitationId}
            columns={[
              {
                title: t('field.email'),
                cell: (invitation) => (
                  <Group gap={8}>
                    <Text className="wrap-anywhere">{invitation.email}</Text>
                    {invitation.state === 'expired' && (
                      <Badge color="yellow">{t('atlas.members.expired')}</Badge>
                    )}
                    <Text size="sm" c="dimmed" hiddenFrom="sm">
                      {t(`atlas.role.${invitation.role}`)}
                    </Text>
                  </Group>
                ),
              },
              {
                title: t('atlas.members.role'),
                from: 'sm',
                cell: (invitation) => t(`atlas.role.${invitation.role}`),
              },
              {
                title: t('atlas.members.expires'),
                from: 'sm',
                cell: (invitation) => <When time={invitation.expiresAt} />,
              },
              {
                title: t('atlas.actions'),
                cell: (invitation) => (
                  <ItemMenu label={t('atlas.members.menu', { name: invitation.email })}>
                    <Menu.Item onClick={() => resend.mutate(invitation)}>
                      {t('atlas.members.resend')}
                    </Menu.Item>
                    <Menu.Item color="red" onClick={() => revoke.mutate(invitation)}>
                      {t('atlas.members.revoke')}
                    </Menu.Item>
                  </ItemMenu>
                ),
              },
            ]}
          />
        )}
      </ListPanel>
    </Stack>
  )
}
