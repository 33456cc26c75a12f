import { Badge, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { hasRole, type ProjectRole } from '@pleiad/platform/contract'
import { IconUserPlus, IconUsers } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { FormButtons } from '../parts/form-buttons.tsx'
import { ItemMenu } from '../parts/item-menu.tsx'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { Invitations, Invite } from './invitations.tsx'
import { useMayHere, useProject } from './project.ts'
import { RoleSelect } from './role-select.tsx'

type Member = Awaited<ReturnType<typeof atlas.projects.listMembers>>['items'][number]
const membersKey = (projectId: string) => ['projects', 'members', projectId] as const

export function Members() {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const may = useMayHere()
  const [inviting, setInviting] = useState(false)
  const list = useList({
    queryKey: membersKey(projectId),
    load: (cursor, signal) => atlas.projects.listMembers({ params: { projectId }, query: cursor, signal }),
  })
  return (
    <Page
      wide
      title={t('atlas.tab.members')}
      about={t('atlas.members.about')}
      actions={
        may('admin') && (
          <Button leftSection={<IconUserPlus size={18} />} onClick={() => setInviting(true)}>
            {t('atlas.members.invite')}
          </Button>
        )
      }
    >
      <ListPanel list={list} empty={<Empty icon={IconUsers} title={t('atlas.members.none')} />}>
        {(items) => (
          <ItemTable
            items={items}
            idOf={(member) => member.userId}
            columns={[
              { title: t('atlas.members.person'), cell: (member) => <Person person={member} /> },
              { title: t('atlas.members.role'), cell: (member) => t(`atlas.role.${member.role}`) },
              {
                title: t('atlas.members.since'),
                from: 'sm',
                cell: (member) => <When time={member.since} />,
              },
              { title: t('atlas.actions'), cell: (member) => <MemberMenu member={member} /> },
            ]}
          />
        )}
      </ListPanel>
      {may('admin') && <Invitations />}
      <Modal
        opened={inviting}
        onClose={() => setInviting(false)}
        title={t('atlas.members.invite')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {inviting && <Invite onDone={() => setInviting(false)} />}
      </Modal>
    </Page>
  )
}

function nameOf({
  displayName,
  username,
  userId,
}: {
  displayName?: string
  username?: string
  userId: string
}) {
  return displayName ?? username ?? userId.slice(-8)
}

function Person({ person }: { person: Member }) {
  const { t } = useTranslation()
  const me = useMe().data?.userId
  return (
    <Stack gap={0}>
      <Group gap={8}>
        <Text fw={560} className="wrap-anywhere">
          {nameOf(person)}
        </Text>
        {person.userId === me && <Badge color="gray">{t('atlas.members.you')}</Badge>}
      </Group>
      {person.username && (
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          @{person.username}
        </Text>
      )}
    </Stack>
  )
}

type Asked = 'remove' | 'leave' | 'transfer'

function MemberMenu({ member }: { member: Member }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { projectId, role = 'viewer', name } = useProject()
  const may = useMayHere()
  const me = useMe().data?.userId
  const [asked, setAsked] = useState<Asked>()
  const [changing, setChanging] = useState(false)
  const params = { projectId, userId: member.userId }
  const own = member.userId === me
  const refresh = [['projects']] as const
  const act = useAction({
    run: async (what: Asked) => {
      if (what === 'leave') await atlas.projects.leaveProject({ params: { projectId } })
      else if (what === 'remove') await atlas.projects.removeMember({ params })
      else await atlas.projects.transferOwnership({ params: { projectId }, body: { userId: member.userId } })
    },
    done: t('atlas.members.done'),
    refresh,
    onDone: (_, what) => {
      setAsked(undefined)
      if (what === 'leave') void navigate({ to: '/atlas' })
    },
    onFail: () => {
      setAsked(undefined)
      return false
    },
  })
  // Nobody changes a role above their own.
  const managed = may('admin') && hasRole(role, member.role)
  if (!managed && !own) return null
  return (
    <>
      <ItemMenu label={t('atlas.members.menu', { name: nameOf(member) })}>
        {managed && <Menu.Item onClick={() => setChanging(true)}>{t('atlas.members.changeRole')}</Menu.Item>}
        {may('owner') && !own && (
          <Menu.Item onClick={() => setAsked('transfer')}>{t('atlas.members.transfer')}</Menu.Item>
        )}
        {managed && !own && (
          <Menu.Item color="red" onClick={() => setAsked('remove')}>
            {t('atlas.members.remove')}
          </Menu.Item>
        )}
        {own && (
          <Menu.Item color="red" onClick={() => setAsked('leave')}>
            {t('atlas.members.leave')}
          </Menu.Item>
        )}
      </ItemMenu>
      <Confirm
        opened={asked !== undefined}
        title={t(`atlas.members.${asked ?? 'remove'}`)}
        confirm={t(`atlas.members.${asked ?? 'remove'}`)}
        danger={asked !== 'transfer'}
        pending={act.isPending}
        onConfirm={() => asked && act.mutate(asked)}
        onClose={() => setAsked(undefined)}
      >
        {t(`atlas.members.${asked ?? 'remove'}About`, { name: nameOf(member), project: name })}
      </Confirm>
      <Modal
        opened={changing}
        onClose={() => setChanging(false)}
        title={t('atlas.members.changeRole')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {changing && <ChangeRole member={member} onDone={() => setChanging(false)} />}
      </Modal>
    </>
  )
}

function ChangeRole({ member, onDone }: { member: Member; onDone: () => void }) {
  const { t } = useTranslation()
  const { projectId } = useProject()
  const [role, setRole] = useState<ProjectRole>(member.role)
  const change = useAction({
    run: () => atlas.projects.changeRole({ params: { projectId, userId: member.userId }, body: { role } }),
    done: t('atlas.members.done'),
    refresh: [['projects']],
    onDone,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Stack>
        <Text>{nameOf(member)}</Text>
        <RoleSelect value={role} onChange={setRole} />
        <FormButtons
          submit={t('action.save')}
          pending={change.isPending}
          disabled={role === member.role}
          onCancel={onDone}
        />
      </Stack>
    </form>
  )
}
